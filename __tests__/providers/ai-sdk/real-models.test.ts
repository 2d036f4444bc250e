import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { json, type Reply, silence, type Upstream, upstream } from "../../support/upstream";
import { PIXEL } from "./models";

const root = join(__dirname, "../../..");
const packages = join(root, ".cache/clients");

const refusal = (code: string, message = "no") => ({ error: { message, type: "error", param: null, code } });

const REPLIES: Readonly<Record<string, Reply>> = {
  draw: json(200, {
    created: 1,
    data: [{ b64_json: PIXEL, revised_prompt: "a drawing" }],
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  }),
  limited: json(429, refusal("rate_limit_exceeded"), { "retry-after": "7" }),
  policy: json(400, refusal("moderation_blocked", "sk-real-0123456789 was blocked")),
  crash: json(500, refusal("server_error")),
  strange: json(200, { status: "pending" }),
  hang: silence,
};

let hanging = 0;
const waiting: (() => void)[] = [];

/** Answers when so many requests hang. */
const whenHanging =
  (times: number): Reply =>
  async (_request, response) => {
    while (hanging < times) await new Promise<void>((resolve) => waiting.push(resolve));
    response.end();
  };

/** Replies as the prompt says; forms are for `draw` only. */
const byPrompt: Reply = (request, response) => {
  const [, times] = /^\/hanging\/(\d)$/.exec(request.path) ?? [];
  if (times !== undefined) return whenHanging(Number(times))(request, response);
  const isForm = request.headers["content-type"]?.startsWith("multipart/") === true;
  const prompt = isForm ? "draw" : String(Object(request.json()).prompt);
  if (prompt === "hang") hanging += 1;
  for (const resolve of waiting.splice(0)) resolve();
  return REPLIES[prompt]?.(request, response);
};

let server: Upstream;
let seen: Readonly<Record<"gateway" | "own", Readonly<Record<string, unknown>>>>;

beforeAll(async () => {
  const built = join(root, "dist/lib/providers/ai-sdk/index.js");
  if (!existsSync(built)) throw new Error("dist is missing: run `npm run build` first");
  server = await upstream(byPrompt);
  const args = [join(__dirname, "real-models.mjs"), server.url, packages];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 45_000 });
  seen = JSON.parse(stdout);
}, 60_000);

afterAll(() => server.close());

const drawing = { as: "base64", text: PIXEL };

describe.each(["gateway", "own"] as const)("real models of the AI SDK, with fetch: %s", (way) => {
  const outcome = (name: string) => seen[way][name];

  it("say how many pictures they make, and whether they edit", () => {
    expect(outcome("cards")).toMatchObject([
      { id: "openai", ops: ["generate", "edit"], limits: { n: 10 } },
      { id: "unreachable" },
      {
        id: "compatible",
        ops: ["generate"],
        limits: { n: 10 },
        params: { seed: true, negativePrompt: true },
      },
      { id: "older", ops: ["generate"], limits: { n: 10 } },
    ]);
  });

  it("draw, and tell of prompt and usage", () => {
    expect(outcome("draws")).toEqual({
      pictures: [{ ...drawing, revisedPrompt: "a drawing" }],
      meta: {
        usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
        warnings: [],
        effective: {},
      },
    });
  });

  it("edit, with a mask", () => {
    expect(outcome("edits")).toMatchObject({ pictures: [drawing] });
  });

  it.each(["compatible", "older"])("draw with the options that the operator has named: %s", (name) => {
    expect(outcome(name)).toMatchObject({ pictures: [drawing], meta: { warnings: [] } });
  });

  it.each([
    ["limited", "rate_limit", "no"],
    ["policy", "content_policy", "no"],
    ["parameter", "invalid_request", "no"],
    ["crash", "unavailable", "maybe"],
    ["strange", "protocol", "yes"],
    ["unreachable", "unavailable", "no"],
    ["hangs", "cancelled", "maybe"],
  ])("fail with what it means: %s is %s, started: %s", (name, fault, started) => {
    expect(outcome(name)).toMatchObject({ fault, started });
    expect(JSON.stringify(outcome(name))).not.toContain("sk-real");
  });

  it("name the field that they do not take", () => {
    expect(outcome("parameter")).toMatchObject({ param: "quality" });
  });
});

it("send what the upstream is to know, and no more", () => {
  const bodies = server.requests
    .filter(({ headers }) => headers["content-type"] === "application/json")
    .map((request) => request.json());
  expect(bodies).toContainEqual({
    model: "gpt-image-1",
    prompt: "draw",
    n: 1,
    size: "1024x1024",
    quality: "high",
    output_format: "webp",
  });
  const options = { n: 1, seed: 9, negative_prompt: "blurry" };
  const compatible = bodies.filter((body) => Object(body).model === "sdxl");
  expect(compatible).toHaveLength(4);
  for (const body of compatible) expect(body).toMatchObject(options);
});

it("send forms for edits, with both pictures", () => {
  const forms = server.requests.filter(({ path }) => path === "/v1/images/edits");
  expect(forms).toHaveLength(2);
  for (const { body } of forms) {
    const text = body.toString("latin1");
    const picture = Buffer.from(PIXEL, "base64").toString("latin1");
    expect(text.split(picture)).toHaveLength(3);
  }
});
