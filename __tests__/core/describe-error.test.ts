import fc from "fast-check";

import { describeError } from "../../lib/core/describe-error";
import { GatewayError, HttpError, ProviderError } from "../../lib/ports";

const CANARY = "sk-canary-8f3a";
const LEAK = `connect to https://user:${CANARY}@10.0.0.1/v1?key=${CANARY} failed\n    at ${CANARY}:10:5\n    at x (/srv/${CANARY}:1:1)`;

/** What libraries throw: everything they know. */
const foreign = (): Error =>
  Object.assign(new TypeError(LEAK), {
    code: "ECONNREFUSED",
    config: { headers: { authorization: CANARY } },
    request: { body: CANARY },
  });

const textOf = (error: unknown): string => JSON.stringify(describeError(error));

describe("describeError", () => {
  it("says what a foreign error is and where it was made, never what it says", () => {
    const described = describeError(foreign());
    expect(described).toEqual({
      error: "TypeError",
      errorCode: "ECONNREFUSED",
      at: expect.stringMatching(/^describe-error\.test\.ts:\d+$/),
    });
    expect(textOf(foreign())).not.toContain(CANARY);
  });

  it.each<[string, unknown]>([
    ["an error named after its message", Object.assign(new Error("x"), { name: LEAK })],
    ["a code that is a sentence", Object.assign(new Error("x"), { code: LEAK })],
    ["a stack that is not V8's", Object.assign(new Error(LEAK), { stack: `${LEAK}\n${LEAK}` })],
    ["a message changed afterwards", Object.assign(new Error(LEAK), { message: "short" })],
    ["an error with a foreign cause", new Error("x", { cause: foreign() })],
    ["a text", LEAK],
    ["an object", { message: LEAK, stack: LEAK }],
    ["null", null],
    ["a cause of an error of ours", new GatewayError("internal_error", "x", { cause: foreign() })],
    [
      "a cause two levels down",
      new GatewayError("upstream_error", "x", {
        cause: new ProviderError("internal", "y", { started: "maybe", cause: foreign() }),
      }),
    ],
    ["a cause that is a text", new ProviderError("internal", "y", { started: "maybe", cause: LEAK })],
    ["an upstream's words on a request", new ProviderError("content_policy", LEAK, { started: "no" })],
    ["an HttpError with an address in it", new HttpError("refused", "no", LEAK)],
  ])("lets nothing out of %s", (_name, error) => {
    expect(textOf(error)).not.toContain(CANARY);
  });

  it("says of our own errors what explains them", () => {
    expect(describeError(new GatewayError("queue_full", "full"))).toEqual({
      error: "GatewayError",
      code: "queue_full",
    });
    const provider = new ProviderError("overloaded", "The provider is busy.", {
      started: "no",
      status: 529,
      upstreamCode: "overloaded_error",
      upstreamId: "req_9",
      cause: new HttpError("reset", "maybe", "x"),
    });
    expect(describeError(provider)).toEqual({
      error: "ProviderError",
      fault: "overloaded",
      message: "The provider is busy.",
      upstreamStatus: 529,
      upstreamCode: "overloaded_error",
      started: "no",
      upstreamId: "req_9",
      cause: { error: "HttpError", failure: "reset", started: "maybe" },
    });
    expect(describeError("thrown text")).toEqual({ error: "string" });
    expect(describeError(undefined)).toEqual({ error: "undefined" });
  });

  it("never shows a word of a foreign message", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(textOf(new Error(`${before}${CANARY}${after}`))).not.toContain(CANARY);
      }),
    );
  });
});
