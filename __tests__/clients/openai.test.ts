import { RETRY_AFTER_MS } from "./acting-provider";
import { CAT, DOG, REQUEST_ID, type Run, runClient } from "./bench";

const NODE = { aborted: "APIUserAbortError", timedOut: "APIConnectionTimeoutError" };
const PYTHON = { aborted: "CancelledError", timedOut: "APITimeoutError" };
const CLIENTS = [
  { name: "openai 6 for Node", script: ["openai.mjs", "openai6"], ...NODE },
  { name: "openai 7 for Node", script: ["openai.mjs", "openai"], ...NODE },
  { name: "openai 2 for Python", script: ["openai_sdk.py"], ...PYTHON },
] as const;

const runs = new Map<string, Run>();
beforeAll(async () => {
  await Promise.all(
    CLIENTS.map(async ({ name, script: [script, ...args] }) =>
      runs.set(name, await runClient(script, ...args)),
    ),
  );
}, 60_000);

const requestId = expect.stringMatching(REQUEST_ID);
const error = (name: string, status: number, code: string, param: string | null = null) => ({
  class: name,
  status,
  code,
  param,
  type: "invalid_request_error",
  id: requestId,
});

describe.each(CLIENTS)("$name", ({ name, aborted, timedOut }) => {
  const run = (): Run => {
    const found = runs.get(name);
    if (found === undefined) throw new Error(`${name} did not run`);
    return found;
  };

  it("gets a link to the picture, its size and the request id", () => {
    expect(run().seen["url"]).toEqual({ pictures: run().drawnFor("url"), id: requestId, size: "8x8" });
  });

  it("gets three pictures that differ as base64", () => {
    const pictures = run().picturesOf("many");
    expect(pictures).toEqual(run().drawnFor("many"));
    expect(new Set(pictures).size).toBe(3);
  });

  it("edits a picture, or several with a mask", () => {
    expect(run().picturesOf("edit")).toEqual(run().drawnFor("edit"));
    expect(run().givenFor("edit")).toEqual([{ images: [CAT], mask: undefined }]);
    expect(run().picturesOf("editMany")).toEqual(run().drawnFor("editMany"));
    expect(run().drawnFor("editMany")).toHaveLength(2);
    expect(run().givenFor("editMany")).toEqual([{ images: [CAT, DOG], mask: CAT }]);
  });

  it("sees an edit come, an unfinished version first", () => {
    const { types } = Object(run().seen["editStream"]);
    expect(types).toContain("image_edit.partial_image");
    expect(types.at(-1)).toBe("image_edit.completed");
    expect(run().picturesOf("editStream")).toEqual(run().drawnFor("editStream"));
  });

  it("gets a variation, which has no prompt", () => {
    expect(run().picturesOf("variation")).toEqual(run().drawnFor(""));
    expect(run().givenFor("")).toEqual([{ images: [CAT], mask: undefined }]);
  });

  it("raises BadRequestError for what is no picture, before anything is paid for", () => {
    expect(run().seen["noPicture"]).toEqual(error("BadRequestError", 400, "invalid_value", "image"));
    expect(run().callsFor("noPicture")).toEqual([]);
  });

  it("lists the models", () => {
    expect(run().seen["models"]).toContain("draws");
  });

  it.each([
    ["size", error("BadRequestError", 400, "invalid_size", "size")],
    ["model", error("NotFoundError", 404, "model_not_found", "model")],
    ["key", error("AuthenticationError", 401, "invalid_api_key")],
    ["capability", error("PermissionDeniedError", 403, "missing_capability")],
  ])("raises its own error for what is refused over the %s, with the request id", (refused, expected) => {
    expect(run().seen[refused]).toEqual(expected);
    expect(run().callsFor("refused")).toEqual([]);
  });

  it("raises BadRequestError when the provider's moderation refuses, after one upstream call", () => {
    expect(run().seen["policy"]).toEqual({
      ...error("BadRequestError", 400, "content_policy_violation"),
      type: expect.any(String),
    });
    expect(run().callsFor("policy")).toHaveLength(1);
  });

  it("keeps Retry-After before both of its retries of a 429, then raises RateLimitError", () => {
    expect(run().seen["limited"]).toEqual({
      ...error("RateLimitError", 429, "rate_limit_exceeded"),
      type: "rate_limit_error",
    });
    const gaps = run().gapsFor("limited");
    expect(gaps).toHaveLength(2);
    expect(Math.min(...gaps)).toBeGreaterThan(RETRY_AFTER_MS - 50);
  });

  it("does not repeat a call that failed after dispatch: x-should-retry is false", () => {
    expect(run().seen["broken"]).toEqual({
      ...error("InternalServerError", 502, "upstream_error"),
      type: "server_error",
    });
    expect(run().callsFor("broken")).toHaveLength(1);
  });

  it("stops the upstream call when its caller aborts", () => {
    expect(run().seen).toMatchObject({ abort: { class: aborted }, abortSeen: 1 });
    expect(run().callsFor("abort")).toHaveLength(1);
  });

  it("makes three upstream calls when its own time limit strikes, each of them stopped", () => {
    expect(run().seen).toMatchObject({ timeout: { class: timedOut }, timeoutSeen: 3 });
    expect(run().callsFor("timeout")).toHaveLength(3);
  });
});
