import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { startApp } from "./studio/app";
import { KEY, startStudio } from "./studio/studio-upstream";

const root = join(__dirname, "../..");

/** Each file of the page in its order. The suite of the third runs by itself. */
const FILES = ["studio.ts", "studio-upstream.ts", "studio.test.ts", "app.ts", "painter.ts"];

let page: string;
beforeAll(async () => {
  page = await readFile(join(root, "docs/writing-a-provider.md"), "utf8");
});

it("shows the code that is tested, and no other", async () => {
  const shown = [...page.matchAll(/^`([\w.-]+)`.*:$|`([\w.-]+)`:$/gm)].map(
    ([, first, last]) => first ?? last,
  );
  expect(shown).toEqual(FILES);
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
  const files = FILES.map((name) => readFile(join(__dirname, "studio", name), "utf8"));
  expect(blocks).toEqual(await Promise.all(files));
});

it("leads to files that exist", async () => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target ?? "");
  expect(links.length).toBeGreaterThan(0);
  await Promise.all(links.map((target) => readFile(join(root, "docs", target))));
});

describe("the adapter of the page in an app", () => {
  let studio: Awaited<ReturnType<typeof startStudio>>;
  let host: ReturnType<typeof startApp>;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    studio = await startStudio();
    host = startApp({ url: studio.url, apiKey: KEY, pollMs: 1 });
    await host.images.ready();
    server = createServer(host.app);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/v1/images`;
  });

  afterAll(async () => {
    await host.images.close({ timeoutMs: 0 });
    server.closeAllConnections();
    await once(server.close(), "close");
    await studio.close?.();
  });

  const headers = { authorization: "Bearer my-key", "content-type": "application/json" };
  const generate = (fields: object) =>
    fetch(`${url}/generations`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: "studio-1", prompt: "a red cube", size: "64x64", ...fields }),
    });

  it("makes the pictures that were asked for, and tells of its steps", async () => {
    const answer = await generate({ n: 2, response_format: "b64_json" });
    expect(answer.status).toBe(200);
    const { data } = JSON.parse(await answer.text());
    const own = [0, 1].map((at) => createHash("sha256").update(`${at} a red cube`).digest("hex"));
    const ends = data.map(({ b64_json }: { b64_json: string }) =>
      Buffer.from(b64_json, "base64").subarray(-32).toString("hex"),
    );
    expect(ends).toEqual(own);
    const job = await fetch(`${url}/jobs/${answer.headers.get("x-image-job-id")}`, { headers });
    expect(JSON.parse(await job.text())).toMatchObject({ status: "completed", progress: 100, steps: 3 });
  });

  it.each([
    ["content_policy", 400, "content_policy_violation"],
    ["auth", 502, "upstream_auth_error"],
    ["rate_limit", 429, "rate_limit_exceeded"],
    ["unknown_answer", 502, "upstream_invalid_response"],
  ] as const)("turns %s into %i %s, without the words of the studio", async (failure, status, code) => {
    // The gateway's own log, which says what the studio refused.
    const log = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    studio.failures[failure]?.();
    const answer = await generate({});
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(JSON.parse(text).error.code).toBe(code);
    expect(text).not.toContain(KEY);
    expect(String(log.mock.calls)).not.toContain(KEY);
    log.mockRestore();
    studio.succeed();
  });
});
