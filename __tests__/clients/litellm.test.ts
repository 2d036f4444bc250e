import { RETRY_AFTER_MS } from "./acting-provider";
import { CAT, DOG, REQUEST_ID, type Run, runClient } from "./bench";

let run: Run;
beforeAll(async () => {
  run = await runClient("litellm_sdk.py");
}, 60_000);

const requestId = expect.stringMatching(REQUEST_ID);

it("gets a link to the picture, its size and the request id", () => {
  expect(run.seen["url"]).toEqual({ pictures: run.drawnFor("url"), id: requestId, size: "8x8" });
});

it.each([
  ["as base64 from a model whose response_format it knows", "many"],
  ["as base64 from a GPT image model, unasked", "gpt"],
])("gets three pictures that differ %s", (_title, name) => {
  const pictures = run.picturesOf(name);
  expect(pictures).toEqual(run.drawnFor(name));
  expect(new Set(pictures).size).toBe(3);
  expect(run.callsFor(name)).toHaveLength(1);
});

it("edits a picture, or several with a mask", () => {
  expect(run.picturesOf("edit")).toEqual(run.drawnFor("edit"));
  expect(run.givenFor("edit")).toEqual([{ images: [CAT], mask: undefined }]);
  expect(run.picturesOf("editMany")).toEqual(run.drawnFor("editMany"));
  expect(run.drawnFor("editMany")).toHaveLength(2);
  expect(run.givenFor("editMany")).toEqual([{ images: [CAT, DOG], mask: CAT }]);
});

it("gets a variation, for which it names no model", () => {
  expect(run.picturesOf("variation")).toEqual(run.drawnFor(""));
});

it("raises BadRequestError for what is no picture, before anything is paid for", () => {
  expect(run.seen["noPicture"]).toMatchObject({ class: "BadRequestError", status: 400 });
  expect(run.callsFor("noPicture")).toEqual([]);
});

it("refuses response_format by itself for a model that it does not know", () => {
  expect(run.seen["format"]).toMatchObject({ class: "UnsupportedParamsError", id: null });
  expect(run.callsFor("format")).toEqual([]);
});

it.each([
  ["size", { class: "BadRequestError", status: 400, code: "invalid_size", param: "size" }],
  ["model", { class: "NotFoundError", status: 404 }],
  // It makes this of a 401 only when the message is word for word OpenAI's.
  ["key", { class: "AuthenticationError", status: 401 }],
  // It knows no class of its own for a 403 of the type that OpenAI's has.
  ["capability", { class: "BadRequestError", status: 403, code: "missing_capability" }],
  ["policy", { class: "ContentPolicyViolationError", status: 400, code: "content_policy_violation" }],
])("raises an error with status and request id for what is refused over the %s", (refused, expected) => {
  expect(run.seen[refused]).toMatchObject({ ...expected, id: requestId });
});

it("keeps class and status, but nothing else, in its blocking form", () => {
  expect(run.seen["blockingSize"]).toEqual({
    class: "BadRequestError",
    status: 400,
    code: null,
    param: null,
    type: null,
    id: null,
  });
});

it("keeps Retry-After before both of its retries of a 429, then raises RateLimitError", () => {
  expect(run.seen["limited"]).toMatchObject({ class: "RateLimitError", status: 429, id: requestId });
  const gaps = run.gapsFor("limited");
  expect(gaps).toHaveLength(2);
  expect(Math.min(...gaps)).toBeGreaterThan(RETRY_AFTER_MS - 50);
});

it("does not repeat a call that failed after dispatch", () => {
  expect(run.seen["broken"]).toMatchObject({ class: "BadGatewayError", status: 502, id: requestId });
  expect(run.callsFor("broken")).toHaveLength(1);
});

it("stops the upstream call when its caller cancels", () => {
  expect(run.seen).toMatchObject({ abort: { class: "CancelledError" }, abortSeen: 1 });
  expect(run.callsFor("abort")).toHaveLength(1);
});

it("makes three upstream calls when its own time limit strikes, each of them stopped", () => {
  expect(run.seen).toMatchObject({ timeout: { class: "Timeout", status: 408 }, timeoutSeen: 3 });
  expect(run.callsFor("timeout")).toHaveLength(3);
});
