import { RETRY_AFTER_MS } from "./acting-provider";
import { REQUEST_ID, type Run, runClient } from "./bench";

let run: Run;
beforeAll(async () => {
  run = await runClient("langchain.mjs");
}, 60_000);

const requestId = expect.stringMatching(REQUEST_ID);
const error = (name: string, status: number, code: string, param: string | null = null) => ({
  class: name,
  status,
  code,
  param,
  type: expect.any(String),
  id: requestId,
});

it("gets a link that opens, though it sends style and quality unasked", () => {
  expect(run.picturesOf("url")).toEqual(run.drawnFor("url"));
});

it.each(["many", "manyUrls"])("gets three pictures that differ by three calls (%s)", (name) => {
  const pictures = run.picturesOf(name);
  expect(pictures).toEqual(run.drawnFor(name));
  expect(new Set(pictures).size).toBe(3);
  expect(run.callsFor(name)).toHaveLength(3);
});

it.each([
  ["size", error("BadRequestError", 400, "invalid_size", "size")],
  ["model", error("NotFoundError", 404, "model_not_found", "model")],
  ["key", error("AuthenticationError", 401, "invalid_api_key")],
  ["capability", error("PermissionDeniedError", 403, "missing_capability")],
  ["policy", error("BadRequestError", 400, "content_policy_violation")],
])("lets the OpenAI SDK's error through for what is refused over the %s", (refused, expected) => {
  expect(run.seen[refused]).toEqual(expected);
});

it("keeps Retry-After before both of its retries of a 429", () => {
  expect(run.seen["limited"]).toEqual(error("RateLimitError", 429, "rate_limit_exceeded"));
  const gaps = run.gapsFor("limited");
  expect(gaps).toHaveLength(2);
  expect(Math.min(...gaps)).toBeGreaterThan(RETRY_AFTER_MS - 50);
});

it("does not repeat a call that failed after dispatch", () => {
  expect(run.seen["broken"]).toEqual(error("InternalServerError", 502, "upstream_error"));
  expect(run.callsFor("broken")).toHaveLength(1);
});

it.each(["abort", "timeout"])("goes on after its caller's %s, which it does not hand on", (what) => {
  expect(run.seen[what]).toBe("goes on");
  expect(run.callsFor(what)).toHaveLength(1);
});
