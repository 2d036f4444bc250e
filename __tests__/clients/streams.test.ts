import { demo } from "express-image-gateway/providers/demo";
import { openai } from "express-image-gateway/providers/openai";

import { signalled } from "../support/gate";
import { startHost } from "../support/host";
import { picture } from "../support/scripted-provider";
import { json, type Reply, type SeenRequest, upstream } from "../support/upstream";
import { outputOf, REQUEST_ID } from "./bench";

const CLIENTS = [
  { name: "openai 6 for Node", script: ["openai_stream.mjs", "openai6"] },
  { name: "openai 7 for Node", script: ["openai_stream.mjs", "openai"] },
  { name: "openai 2 for Python", script: ["openai_stream.py"] },
] as const;

interface Event {
  readonly type: string;
  readonly b64_json?: string;
  readonly partial_image_index?: number;
  readonly image_index?: number;
  readonly progress?: number;
}

interface Seen {
  readonly events: readonly Event[];
  readonly error?: object;
}

let pictures: readonly string[];

const promptOf = ({ headers, body }: SeenRequest): string =>
  headers["content-type"] === "application/json"
    ? JSON.parse(body.toString()).prompt
    : String(/name="prompt"\r\n\r\n(.*)\r\n/.exec(body.toString("latin1"))?.[1]);

/** Answers in OpenAI's events, as the prompt says. */
const replying =
  (onLeft: () => void): Reply =>
  (request, response) => {
    const prompt = promptOf(request);
    if (prompt === "refused") {
      const error = { code: "moderation_blocked", message: "No.", type: "user_error", param: null };
      return json(400, { error })(request, response);
    }
    const kind = request.path.endsWith("/edits") ? "image_edit" : "image_generation";
    const tell = (type: string, more: object) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
    const [first, second, last] = pictures;
    response.writeHead(200, { "content-type": "text/event-stream" });
    tell(`${kind}.partial_image`, { b64_json: first, partial_image_index: 0 });
    if (prompt === "endless") return response.once("close", onLeft);
    if (prompt === "broken") {
      tell("error", { error: { code: "server_error", message: "It broke.", type: "server_error" } });
    } else {
      tell(`${kind}.partial_image`, { b64_json: second, partial_image_index: 1 });
      tell(`${kind}.completed`, { b64_json: last });
    }
    return response.end();
  };

const RELAYED = {
  id: "relayed",
  ops: ["generate", "edit"],
  stream: "native",
  cancel: { queued: "yes", running: "yes" },
} as const;

/** What a client sees of an upstream that streams, and of the demo provider, which has previews only. */
async function run([script, ...args]: readonly [string, ...string[]]): Promise<Record<string, unknown>> {
  const left = signalled();
  const server = await upstream(replying(left.resolve));
  const relaying = openai({
    baseUrl: `${server.url}/v1`,
    apiKey: "sk-up",
    dialect: "generic",
    models: [RELAYED],
  });
  const host = await startHost({
    providers: [relaying, demo({ stepMs: 4 })],
    options: { disconnectGraceMs: 0, limits: { runningPerPrincipal: 64, progressPerSecond: 1000 } },
    before(app) {
      app.get("/until/stopped/endless/1", async (_req, res) => {
        await left.promise;
        res.end();
      });
    },
  });
  try {
    return await outputOf(script, [host.url, ...args]);
  } finally {
    await host.close();
    await server.close();
  }
}

const runs = new Map<string, Record<string, unknown>>();
beforeAll(async () => {
  const drawn = await Promise.all([1, 2, 3].map((seed) => picture({ seed })));
  pictures = drawn.map((bytes) => bytes.toString("base64"));
  await Promise.all(CLIENTS.map(async ({ name, script }) => runs.set(name, await run(script))));
}, 60_000);

const isProgress = ({ type }: Event) => type.endsWith(".progress");
const placesOf = (events: readonly Event[], kind: string) =>
  events
    .filter((event) => !isProgress(event))
    .map(({ type, partial_image_index: partial, image_index: place }) => [
      type.replace(`${kind}.`, ""),
      ...(partial === undefined ? [] : [partial]),
      ...(place === undefined ? [] : [{ place }]),
    ]);

/** How far the job was, as was last told, at each event of this type. */
const percentagesBefore = (events: readonly Event[], type: string): number[] =>
  events.flatMap((event, at) => {
    if (event.type !== type) return [];
    return events.slice(0, at).findLast(isProgress)?.progress ?? 0;
  });

describe.each(CLIENTS)("$name", ({ name }) => {
  const seen = (what: string): Seen => Object(Object(runs.get(name))[what]);
  const error = (of: string, code: string, more: object = {}) =>
    expect.objectContaining({ class: of, code, ...more });

  it.each([
    ["a generation", "relayed", "image_generation"],
    ["an edit", "relayedEdit", "image_edit"],
  ])("sees the upstream's own pictures of %s, the unfinished ones first", (_kind, what, prefix) => {
    const events = seen(what).events.filter((event) => !isProgress(event));
    expect(placesOf(events, prefix)).toEqual([["partial_image", 0], ["partial_image", 1], ["completed"]]);
    expect(events.map(({ b64_json }) => b64_json)).toEqual(pictures);
  });

  it("sees as many unfinished pictures as it asked for where the provider has previews only, spread over the run", () => {
    const { events } = seen("drawn");
    const partials = [0, 1, 2].map((index) => ["partial_image", index]);
    expect(placesOf(events, "image_generation")).toEqual([...partials, ["completed"]]);
    expect(new Set(events.flatMap(({ b64_json }) => b64_json ?? [])).size).toBe(4);
    const percentages = percentagesBefore(events, "image_generation.partial_image");
    // A step earlier at most, of eight: of percentages that wait to be told only the latest is.
    for (const [index, percentage] of percentages.entries()) {
      expect(percentage).toBeGreaterThanOrEqual(((index + 1) * 100) / 4 - 100 / 8);
    }
  });

  it("sees an edit come where the provider has previews only", () => {
    const partials = [0, 1].map((index) => ["partial_image", index]);
    expect(placesOf(seen("drawnEdit").events, "image_edit")).toEqual([...partials, ["completed"]]);
  });

  it("is handed the percentages between, which it does not know", () => {
    const percentages = seen("drawn")
      .events.filter(isProgress)
      .map(({ progress }) => Number(progress));
    expect(percentages.length).toBeGreaterThan(1);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
  });

  it("sees which of two pictures an event is about", () => {
    const places = placesOf(seen("several").events, "image_generation");
    for (const place of [0, 1]) {
      const its = places.filter((each) => each.some((part) => Object(part).place === place));
      expect(its).toEqual([
        ["partial_image", 0, { place }],
        ["completed", { place }],
      ]);
    }
    expect(places).toHaveLength(4);
  });

  it.each([
    ["the gateway", "size", "invalid_size"],
    ["the upstream", "refused", "content_policy_violation"],
  ])("raises BadRequestError for what %s refuses before the first event", (_who, what, code) => {
    const expected = error("BadRequestError", code, { status: 400, id: expect.stringMatching(REQUEST_ID) });
    expect(seen(what)).toEqual({ events: [], error: expected });
  });

  it("raises APIError for what fails after the first event", () => {
    expect(placesOf(seen("broken").events, "image_generation")).toEqual([["partial_image", 0]]);
    expect(seen("broken").error).toEqual(error("APIError", "upstream_error"));
  });

  it("stops the upstream's answer by leaving in its midst", () => {
    expect(placesOf(seen("left").events, "image_generation")).toEqual([["partial_image", 0]]);
    expect(Object(runs.get(name))["leftSeen"]).toBe(1);
  });
});
