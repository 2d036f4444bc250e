import { inspect } from "node:util";

import { HttpError } from "../../../lib/ports/http-client";
import { ProviderError } from "../../../lib/ports/provider-error";
import { aiSdk, type ImageModel } from "../../../lib/providers/ai-sdk";
import { scriptedModel, thrown } from "./models";
import { RECORDED_PROMPT, recordedModel } from "./recorded";
import { generate, picturesOf, providerFailure, runContext } from "./run-context";

const PROMPT = "a red cube on a table";

const runOf = (model: ImageModel, prompt = PROMPT) =>
  aiSdk({ models: { m: model } }).run(generate({ prompt }), runContext());

const failureAfter = (error: unknown, prompt = PROMPT): Promise<ProviderError> =>
  providerFailure(
    runOf(
      scriptedModel(() => Promise.reject(error)),
      prompt,
    ),
  );

/** A refusal of the request that begins the work, told by its body. */
const refusal = (statusCode: number, more: object = {}) =>
  thrown("AI_APICallError", "no", {
    statusCode,
    url: "https://api.vendor.example/v1/images",
    requestBodyValues: { model: "x", input: { prompt: PROMPT } },
    responseHeaders: {},
    responseBody: "",
    isRetryable: true,
    ...more,
  });

describe("what packages were recorded to make of upstreams", () => {
  it.each([
    ["openai gpt-image-1", "openai.image"],
    ["openai dall-e-3", "openai.image"],
    ["compat", "my-server.image"],
    ["azure dep", "azure.image"],
  ])("is a picture for %s", async (name, provider) => {
    const result = await runOf(recordedModel(name, provider), RECORDED_PROMPT);
    const [picture, ...others] = await picturesOf(result);
    expect(others).toEqual([]);
    expect(picture?.revisedPrompt).toBe(name === "compat" ? undefined : "rp");
    expect(result.meta()).toMatchObject({
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      // Of a seed that this caller has not given.
      warnings: [],
    });
  });

  it.each([
    [
      "openai 429",
      "rate_limit",
      "no",
      { retryAfterMs: 7_000, upstreamCode: "rate_limit_exceeded", status: 429 },
    ],
    ["openai 400", "content_policy", "no", { status: 400, upstreamCode: "moderation_blocked" }],
    ["openai strerr", "invalid_request", "no", { status: 400, param: "prompt" }],
    ["openai detail", "invalid_request", "no", { status: 422, param: "prompt" }],
    ["bfl Request Moderated", "timeout", "maybe", {}],
    ["bfl Content Moderated", "content_policy", "yes", { moderation: { stage: "output" } }],
    ["bfl Task not found", "protocol", "yes", { status: 200 }],
    ["replicate abort", "timeout", "maybe", {}],
  ])("%s is %s, started: %s", async (name, fault, started, info) => {
    const error = await providerFailure(runOf(recordedModel(name, "openai.image"), RECORDED_PROMPT));
    expect(error.fault).toBe(fault);
    expect(error.info).toMatchObject({ started, ...info });
  });

  it("gives the upstream's own words where the package has kept only the reason phrase", async () => {
    const words = async (name: string) =>
      (await providerFailure(runOf(recordedModel(name, "openai.image"), RECORDED_PROMPT))).message;
    expect(await words("openai strerr")).toBe("prompt required");
    expect(await words("openai detail")).toBe("field required");
  });
});

describe("a status", () => {
  it.each([
    [401, {}, "auth", "no"],
    [402, {}, "quota", "no"],
    [429, { responseBody: '{"error":{"code":"insufficient_quota"}}' }, "quota", "no"],
    [429, { responseBody: '{"detail":"resets in ~30s"}' }, "rate_limit", "no"],
    [503, { responseHeaders: { "Retry-After": "1" } }, "overloaded", "no"],
    [404, { responseBody: '{"error":{"message":"no such model"}}' }, "not_found", "no"],
    [408, {}, "timeout", "maybe"],
    [500, {}, "unavailable", "maybe"],
    [302, {}, "misconfigured", "no"],
    [204, {}, "protocol", "yes"],
    [200, { responseBody: "<html>" }, "protocol", "yes"],
    [200, { responseBody: '{"status":"Request Moderated"}' }, "content_policy", "maybe"],
    [200, { responseBody: undefined, data: { state: "Content Moderated" } }, "content_policy", "yes"],
    [400, { responseBody: undefined, data: { error: { code: "content_filter" } } }, "content_policy", "no"],
  ])("%d with %j is %s, started: %s", async (status, more, fault, started) => {
    const error = await failureAfter(refusal(status, more));
    expect([error.fault, error.info.started]).toEqual([fault, started]);
    expect(error.message).not.toBe("");
  });

  it("is found behind an error that wraps another, as the AI gateway's do", async () => {
    const error = thrown("GatewayRateLimitError", "slow down", { cause: refusal(429) });
    expect(await failureAfter(error)).toMatchObject({ fault: "rate_limit", info: { started: "no" } });
  });

  it("is read with the headers and the body wherever along the causes they are", async () => {
    const inner = refusal(429, { statusCode: undefined, responseHeaders: { "RETRY-AFTER": "9" } });
    const error = thrown("SomeError", "", { statusCode: 429, responseHeaders: {}, cause: inner });
    expect((await failureAfter(error)).info).toMatchObject({ started: "no", retryAfterMs: 9_000 });
  });

  it.each([
    [401, "protocol"],
    [404, "protocol"],
    [429, "unavailable"],
    [503, "unavailable"],
  ])("%d of a later request says nothing against a begun work: %s, started: yes", async (status, fault) => {
    const error = await failureAfter(
      refusal(status, { requestBodyValues: {}, responseHeaders: { "retry-after": "1" } }),
    );
    expect([error.fault, error.info.started]).toEqual([fault, "yes"]);
    expect(error.info).not.toHaveProperty("retryAfterMs");
    expect(error.message).toBe("the upstream has begun the work, but its result could not be had");
  });

  it("of a later request that names the content policy is content_policy", async () => {
    const responseBody = '{"error":{"code":"content_policy_violation","message":"blocked"}}';
    const error = await failureAfter(refusal(400, { requestBodyValues: {}, responseBody }));
    expect([error.fault, error.info.started]).toEqual(["content_policy", "yes"]);
  });

  it.each<[string, object]>([
    ["no body of its request", { requestBodyValues: undefined }],
    ["a body that may be of a later one", { requestBodyValues: { id: "task-1" } }],
    ["a body with another prompt", { requestBodyValues: { prompt: "a blue ball" } }],
  ])("that tells %s proves nothing: started is maybe", async (_name, more) => {
    const error = await failureAfter(refusal(429, more));
    expect([error.fault, error.info.started]).toEqual(["rate_limit", "maybe"]);
  });

  it("of a body with more than can be looked through proves nothing", async () => {
    const far = Array.from({ length: 5_000 }, (_, index) => `${index}`).concat(PROMPT);
    const error = await failureAfter(refusal(429, { requestBodyValues: { far } }));
    expect(error.info.started).toBe("maybe");
  });
});

const network = (code: string, requestBodyValues?: object): Error => {
  const cause = Object.assign(new Error(`connect ${code} 10.1.2.3:443`), { code });
  if (requestBodyValues === undefined) return Object.assign(new TypeError("fetch failed"), { cause });
  return thrown("AI_APICallError", `Cannot connect to API: ${cause.message}`, { cause, requestBodyValues });
};

describe("a connection that fails", () => {
  it.each([
    ["ECONNREFUSED", "unavailable", "no"],
    ["ENOTFOUND", "unavailable", "no"],
    ["EAI_AGAIN", "unavailable", "no"],
    ["UND_ERR_CONNECT_TIMEOUT", "unavailable", "no"],
    ["CERT_HAS_EXPIRED", "misconfigured", "no"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "misconfigured", "no"],
    ["ECONNRESET", "unavailable", "maybe"],
    ["UND_ERR_SOCKET", "unavailable", "maybe"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout", "maybe"],
    ["UND_ERR_BODY_TIMEOUT", "timeout", "maybe"],
  ])("with %s at the request that begins the work is %s, started: %s", async (code, fault, started) => {
    const error = await failureAfter(network(code, { prompt: PROMPT }));
    expect([error.fault, error.info.started]).toEqual([fault, started]);
  });

  it.each<[string, object | undefined, string]>([
    ["a later request", {}, "yes"],
    ["a request that is not told of", undefined, "maybe"],
  ])("at %s does not prove that nothing was begun", async (_name, body, started) => {
    const error = await failureAfter(network("ECONNREFUSED", body));
    expect([error.fault, error.info.started]).toEqual(["unavailable", started]);
  });

  it("under the model's own HttpError is as that says, as far as it can be believed", async () => {
    const refused = await failureAfter(new HttpError("refused", "no", "no connection to the upstream"));
    expect([refused.fault, refused.info.started]).toEqual(["unavailable", "maybe"]);
    const reset = await failureAfter(
      refusal(200, { cause: new HttpError("reset", "maybe", "the upstream broke the connection") }),
    );
    expect([reset.fault, reset.info.started]).toEqual(["protocol", "yes"]);
  });
});

describe("an error without status", () => {
  it.each<[string, string, object, string, string]>([
    ["AI_LoadAPIKeyError", "OpenAI API key is missing.", {}, "misconfigured", "no"],
    ["AI_NoSuchModelError", "No such imageModel: x", {}, "not_found", "no"],
    ["AI_UnsupportedFunctionalityError", "'mask' is not supported", {}, "unsupported_param", "no"],
    ["AI_InvalidArgumentError", "invalid fal provider options", {}, "invalid_request", "no"],
    ["AI_InvalidResponseDataError", "no output", { data: { status: "succeeded" } }, "protocol", "yes"],
    ["AI_InvalidResponseDataError", "failed: CUDA", { data: { status: "failed" } }, "unavailable", "yes"],
    [
      "AI_InvalidResponseDataError",
      "failed: NSFW content detected.",
      { data: { status: "failed", error: "NSFW content detected." } },
      "content_policy",
      "yes",
    ],
    ["AI_DownloadError", "Failed to download", {}, "protocol", "yes"],
    ["TimeoutError", "The operation was aborted due to timeout", {}, "timeout", "maybe"],
    ["AbortError", "This operation was aborted", {}, "timeout", "maybe"],
    ["Error", "Black Forest Labs generation failed.", {}, "unavailable", "maybe"],
    [
      "Error",
      "Replicate image generation did not complete after 240 polling attempts.",
      {},
      "timeout",
      "maybe",
    ],
    [
      "Error",
      "Image generation was blocked due to a content policy violation.",
      {},
      "content_policy",
      "maybe",
    ],
    ["Error", "Amazon Bedrock request was moderated: Hate", {}, "content_policy", "maybe"],
    ["TypeError", "x is not a function", {}, "internal", "maybe"],
  ])("%s: %s %j is %s", async (name, message, more, fault, started) => {
    const error = await failureAfter(thrown(name, message, more));
    expect([error.fault, error.info.started]).toEqual([fault, started]);
    expect(error.message).not.toBe("");
  });

  it.each([
    ["studio.image", "outputFormat", { output_format: "outputFormat" }, "output_format"],
    ["openai.image", "quality", {}, "quality"],
    ["openai.image", "frameCount", {}, undefined],
  ])(
    "about an option of %s called %s names the caller's field %j",
    async (provider, option, fields, param) => {
      const cause = {
        name: "AI_TypeValidationError",
        cause: { issues: [{ path: [option], message: "bad" }] },
      };
      const error = thrown("AI_InvalidArgumentError", "invalid provider options", { cause });
      const model = scriptedModel(() => Promise.reject(error), { provider });
      const failure = await providerFailure(
        aiSdk({ models: { m: { model, fields } } }).run(generate(), runContext()),
      );
      expect([failure.fault, failure.info.param]).toEqual(["invalid_request", param]);
      expect(failure.message).toBe(
        param === undefined ? "invalid provider options" : `The model does not take this '${param}'.`,
      );
    },
  );

  it.each<[unknown]>([[undefined], [null], [7], ["no"], [{}], [[]], [Symbol("no")]])(
    "that is none (%p) is internal",
    async (error) => {
      expect(await failureAfter(error)).toMatchObject({ fault: "internal", info: { started: "maybe" } });
    },
  );

  it("that repeats the prompt is not taken for what the prompt speaks of", async () => {
    const prompt = "a poster against our content policy, nsfw";
    const error = await failureAfter(thrown("Error", `cannot draw: ${prompt}`), prompt);
    expect(error.fault).toBe("internal");
  });

  it("that leads in a circle, or cannot even be looked at, is internal", async () => {
    const circle = thrown("Error", "round");
    Object.assign(circle, { cause: circle });
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error("do not look");
        },
      },
    );
    for (const error of [circle, trap, refusal(400, { data: { big: 1n }, responseBody: undefined })]) {
      expect(await failureAfter(error)).toMatchObject({ fault: "internal", info: { started: "maybe" } });
    }
  });

  it("that is a ProviderError already stays one", async () => {
    const own = new ProviderError("quota", "nothing left", { started: "no" });
    expect(await failureAfter(thrown("Wrapped", "w", { cause: own }))).toBe(own);
  });
});

describe("what an error shows", () => {
  const KEY = "vendor-key-0123456789";
  const slip = `${KEY} at https://api.vendor.example/v1 (10.1.2.3:443), /srv/models/x for ${PROMPT}`;

  it.each<[string, Error]>([
    ["words of the upstream", refusal(400, { responseBody: JSON.stringify({ error: { message: slip } }) })],
    ["words of a broken upstream", refusal(500, { responseBody: slip })],
    ["words of the package", thrown("AI_InvalidArgumentError", slip)],
    ["words of an unknown error", thrown("Error", slip)],
    ["an unreadable answer", refusal(200, { responseBody: slip })],
  ])("holds no key, address, path or prompt: %s", async (_name, error) => {
    const failure = await failureAfter(error);
    const shown = `${failure.message} ${inspect(failure.info, { depth: 9 })} ${inspect(failure)}`;
    for (const secret of [KEY, "vendor.example", "10.1.2.3", "/srv", PROMPT]) {
      expect(shown).not.toContain(secret);
    }
  });

  it("of a broken upstream has none of its words", async () => {
    expect((await failureAfter(refusal(500, { responseBody: "the engine is on fire" }))).message).toBe(
      "the upstream failed",
    );
  });

  it("keeps the package's masked words for the log", async () => {
    const failure = await failureAfter(thrown("Error", "the vendor's library tripped over its feet"));
    expect(failure.info.cause).toBe("the vendor's library tripped over its feet");
  });
});
