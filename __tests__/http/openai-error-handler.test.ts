import { once } from "node:events";
import { createServer, type Server } from "node:http";

import express, { type Express } from "express";
import { GatewayError, openaiErrorHandler } from "express-image-gateway";

import { jsonOf, type LogLine } from "../support/host";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const log: LogLine[] = [];
beforeEach(() => void log.splice(0));
const at = (level: string) => (about: object, message: string) => void log.push({ level, about, message });
const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };

async function serve(build: (app: Express) => void): Promise<string> {
  const app = express();
  build(app);
  app.use(openaiErrorHandler({ logger }));
  const server = createServer(app).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const throwing = (error: unknown) =>
  serve((app) =>
    app.get("/", () => {
      throw error;
    }),
  );
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

it.each([
  ["broken JSON", "{", {}, 400, "invalid_json"],
  ["a body over the limit", `"${"x".repeat(200)}"`, {}, 413, "request_too_large"],
  [
    "an unknown charset",
    "{}",
    { "content-type": "application/json; charset=utf-99" },
    415,
    "unsupported_media_type",
  ],
  ["an unknown encoding", "{}", { "content-encoding": "zip" }, 415, "unsupported_media_type"],
])("puts express.json()'s refusal of %s into the envelope", async (_title, body, headers, status, code) => {
  const url = await serve((app) => app.use(express.json({ limit: 100 })));
  const answer = await post(url, body, headers);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
  expect(await jsonOf(answer)).toEqual({
    error: { message: expect.any(String), type: "invalid_request_error", param: null, code },
  });
  expect(log).toEqual([]);
});

it("gives GatewayErrors as they are", async () => {
  const url = await throwing(
    new GatewayError("rate_limit_exceeded", "Slow down.", { retryAfterSeconds: 90 }),
  );
  const answer = await fetch(url);
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(answer.headers.get("x-should-retry")).toBe("true");
  expect((await jsonOf(answer)).error.message).toBe("Slow down.");
});

it.each([
  [401, "invalid_api_key"],
  [403, "invalid_request"],
  [404, "invalid_request"],
  [409, "invalid_request"],
  [429, "rate_limit_exceeded"],
])("keeps the status %d of a host's error and none of its words", async (status, code) => {
  const url = await throwing(Object.assign(new Error("secret-canary"), { status }));
  const answer = await fetch(url);
  expect(answer.status).toBe(status);
  const text = await answer.text();
  expect(JSON.parse(text).error.code).toBe(code);
  expect(text).not.toContain("canary");
});

it.each([
  ["an Error", new Error("secret-canary")],
  ["an error with a 5xx status", Object.assign(new Error("secret-canary"), { status: 502 })],
  ["an error with an odd status", Object.assign(new Error("secret-canary"), { status: 400.5 })],
  ["a text", "secret-canary"],
])("answers %s with a bland 500 and logs it without its words", async (_title, error) => {
  const answer = await fetch(await throwing(error));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("canary");
  expect(log).toHaveLength(1);
  expect(JSON.stringify(log)).not.toContain("canary");
  expect(log[0]?.about).toMatchObject({ requestId: answer.headers.get("x-request-id") });
});

it("cuts an answer that had begun, so that half of it does not look whole", async () => {
  const url = await serve((app) =>
    app.get("/", (_req, res, next) => {
      res.write("half");
      next(new Error("later"));
    }),
  );
  await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
  expect(log).toHaveLength(1);
});
