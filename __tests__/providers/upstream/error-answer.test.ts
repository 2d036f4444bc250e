import { inspect } from "node:util";

import type { HttpResponse } from "../../../lib/ports/http-client";
import type { Fault, ProviderErrorInfo } from "../../../lib/ports/provider-error";
import { errorOf } from "../../../lib/providers/upstream/error-answer";
import { response } from "../openai/run-context";

type Expected = [fault: Fault, started: ProviderErrorInfo["started"], more?: object];

const HTML = "<!doctype html><html><body>502 Bad Gateway nginx at 10.0.0.7</body></html>";

const CASES: [
  name: string,
  status: number,
  body: string | object | null,
  expected: Expected,
  headers?: Record<string, string>,
][] = [
  // OpenAI
  [
    "unknown parameter",
    400,
    {
      error: {
        message: "Unknown parameter: 'response_format'.",
        type: "invalid_request_error",
        param: "response_format",
        code: "unknown_parameter",
      },
    },
    ["unsupported_param", "no", { param: "response_format", upstreamCode: "unknown_parameter", status: 400 }],
  ],
  [
    "invalid size without param",
    400,
    { error: { message: "Invalid size.", type: "invalid_request_error", param: null, code: "invalid_size" } },
    ["invalid_request", "no", { param: "size", upstreamCode: "invalid_size" }],
  ],
  [
    "a param that is none of ours",
    400,
    { error: { message: "no", param: "messages[0].content", code: null } },
    ["invalid_request", "no", { param: undefined, upstreamCode: undefined }],
  ],
  [
    "moderation blocked",
    400,
    {
      error: {
        message: "blocked",
        type: "image_generation_user_error",
        code: "moderation_blocked",
        param: null,
        moderation_details: { moderation_stage: "output", categories: ["violence", "self-harm"] },
      },
    },
    ["content_policy", "yes", { moderation: { stage: "output", categories: ["violence", "self-harm"] } }],
  ],
  [
    "moderation stage at the top",
    400,
    {
      error: {
        message: "blocked",
        type: "image_generation_user_error",
        code: null,
        moderation_stage: "input",
        categories: { hate: true, sexual: false },
      },
    },
    ["content_policy", "no", { moderation: { stage: "input", categories: ["hate"] } }],
  ],
  [
    "content policy by code",
    400,
    {
      error: {
        message: "no",
        code: "content_policy_violation",
        type: "invalid_request_error",
        param: "prompt",
      },
    },
    ["content_policy", "no", { param: undefined, moderation: {} }],
  ],
  [
    "content policy by text alone",
    400,
    {
      error: {
        message: "Your request was rejected as a result of our safety system.",
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    },
    ["content_policy", "no"],
  ],
  [
    "billing limit",
    400,
    {
      error: {
        message: "Billing hard limit has been reached",
        code: "billing_hard_limit_reached",
        type: "invalid_request_error",
      },
    },
    ["quota", "no"],
  ],
  [
    "wrong key",
    401,
    {
      error: {
        message: "Incorrect API key provided: sk-canary",
        type: "invalid_request_error",
        code: "invalid_api_key",
      },
    },
    ["auth", "no", { upstreamCode: "invalid_api_key" }],
  ],
  [
    "no access",
    403,
    { error: { message: "Country not supported", code: "unsupported_country_region_territory" } },
    ["auth", "no"],
  ],
  [
    "no model",
    404,
    { error: { message: "The model 'x' does not exist", code: "model_not_found" } },
    ["not_found", "no"],
  ],
  ["no such route", 404, "", ["misconfigured", "no"]],
  ["no such route as HTML", 404, "<html>model</html>", ["misconfigured", "no"]],
  [
    "rate limit",
    429,
    { error: { message: "slow down", type: "rate_limit", code: "rate_limit_exceeded", param: null } },
    ["rate_limit", "no", { retryAfterMs: 7_000 }],
    { "retry-after": "7" },
  ],
  [
    "no quota",
    429,
    { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
    ["quota", "no", { retryAfterMs: undefined }],
    { "retry-after": "7" },
  ],
  ["lock", 409, { error: { message: "conflict" } }, ["overloaded", "no"]],
  [
    "server error",
    500,
    { error: { message: "The server had an error", type: "server_error" } },
    ["unavailable", "maybe", { upstreamSaysRetry: true }],
    { "x-should-retry": "true" },
  ],
  // Azure
  [
    "a blocked resource",
    403,
    {
      error: {
        code: "Forbidden",
        message:
          "Your resource has been temporarily blocked because we detected behavior that may violate our content policy.",
      },
    },
    ["auth", "no", { moderation: undefined }],
  ],
  [
    "Azure's filter",
    400,
    {
      error: {
        code: "contentFilter",
        message: "filtered",
        inner_error: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_results: { sexual: { filtered: true, severity: "high" }, hate: { filtered: false } },
        },
      },
    },
    ["content_policy", "no", { moderation: { categories: ["sexual"] } }],
  ],
  [
    "no deployment",
    404,
    { error: { code: "DeploymentNotFound", message: "The API deployment does not exist." } },
    ["not_found", "no"],
  ],
  // Other shapes
  ["error as text", 400, { error: "prompt required" }, ["invalid_request", "no", { param: "prompt" }]],
  [
    "error as code beside a message",
    500,
    { error: "server_error", message: "out of memory" },
    ["unavailable", "maybe", { upstreamCode: "server_error" }],
  ],
  [
    "stable-diffusion.cpp that cannot read us",
    500,
    { error: "server_error", message: "[json.exception.type_error.302] type must be number, but is string" },
    ["invalid_request", "no"],
  ],
  [
    "xAI's pair",
    400,
    { code: "invalid-argument", error: "size is not supported" },
    ["invalid_request", "no", { param: "size", upstreamCode: "invalid-argument" }],
  ],
  [
    "xAI's guidelines",
    403,
    {
      code: "permission-denied",
      error: "Content violates usage guidelines. Team: 0f3c2b1a-1111-2222-3333-444455556666",
    },
    ["content_policy", "no"],
  ],
  ["FastAPI's text", 404, { detail: "Model not loaded" }, ["not_found", "no"]],
  [
    "FastAPI's list",
    422,
    { detail: [{ loc: ["body", "size"], msg: "value is not a valid size", type: "value_error" }] },
    ["invalid_request", "no", { param: "size" }],
  ],
  [
    "FastAPI's unknown field",
    422,
    { detail: [{ loc: ["body", "style"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }] },
    ["unsupported_param", "no", { param: "style" }],
  ],
  [
    "FastAPI's word for our field",
    422,
    { detail: [{ loc: ["body", "width"], msg: "too big", type: "x" }] },
    ["invalid_request", "no", { param: "size" }],
  ],
  [
    "DeepInfra's detail",
    400,
    { detail: { error: "prompt is too long" } },
    ["invalid_request", "no", { param: "prompt" }],
  ],
  [
    "Stability's list",
    403,
    { name: "content_moderation", errors: ["Your request was flagged"], id: "x" },
    ["content_policy", "no"],
  ],
  [
    "Stability's other list",
    400,
    { name: "bad_request", errors: ["size: invalid", "n: invalid"], id: "x" },
    ["invalid_request", "no", { param: "size" }],
  ],
  ["a bare message", 400, { message: "style is wrong" }, ["invalid_request", "no", { param: "style" }]],
  [
    "a numeric code",
    400,
    { error: { message: "no", code: 400, type: "" } },
    ["invalid_request", "no", { upstreamCode: "400" }],
  ],
  [
    "a list around it",
    400,
    [{ error: { message: "n is too big", code: 400 } }],
    ["invalid_request", "no", { param: "n" }],
  ],
  ["null", 400, "null", ["invalid_request", "no"]],
  ["a number", 400, "5", ["invalid_request", "no"]],
  ["a JSON string", 400, '"prompt required"', ["invalid_request", "no", { param: "prompt" }]],
  ["plain text", 400, "prompt required", ["invalid_request", "no", { param: "prompt" }]],
  ["an error object without members", 400, { error: {} }, ["invalid_request", "no"]],
  ["an unknown provider's credits", 402, { error: "x" }, ["quota", "no"]],
  ["HTML of a proxy", 502, HTML, ["unavailable", "maybe"]],
  ["nothing at all", 500, "", ["unavailable", "maybe"]],
  ["a bare 503", 503, "", ["unavailable", "maybe", { retryAfterMs: undefined }]],
  ["503 with Retry-After", 503, "", ["overloaded", "no", { retryAfterMs: 3_000 }], { "retry-after": "3" }],
  [
    "503 that says so",
    503,
    { error: { message: "The engine is currently overloaded" } },
    ["overloaded", "no"],
  ],
  ["529", 529, "", ["overloaded", "no"]],
  ["504", 504, HTML, ["unavailable", "maybe"]],
  ["501", 501, "", ["misconfigured", "no"]],
  ["408", 408, "", ["timeout", "maybe"]],
  ["405", 405, "", ["misconfigured", "no"]],
  ["410", 410, { error: "gone" }, ["not_found", "no"]],
  ["413", 413, "", ["invalid_request", "no"]],
  ["a redirect", 308, "", ["misconfigured", "no"], { location: "http://elsewhere.example" }],
];

describe("errorOf", () => {
  it.each(CASES)("reads %s", async (...[, status, body, expected, headers]) => {
    const [fault, started, more = {}] = expected;
    const error = await errorOf(response(status, body, headers), ["canary"]);
    expect(error.fault).toBe(fault);
    expect(error.message).not.toBe("");
    for (const [name, value] of Object.entries({ status, started, ...more })) {
      expect([name, Reflect.get(error.info, name)]).toEqual([name, value]);
    }
  });

  it("says the upstream's reason only where the caller can do something about it", async () => {
    const said = (status: number, message: string) => errorOf(response(status, { error: { message } }), []);
    expect((await said(400, "prompt is too long")).message).toBe("prompt is too long");
    expect((await said(401, "key of team x expired")).message).toBe(
      "the upstream refused the gateway's credentials",
    );
    expect((await said(403, "team x is blocked")).message).toBe(
      "the upstream refused the gateway's credentials",
    );
    expect((await said(500, "worker x died")).message).toBe("the upstream failed");
  });

  it("shows no key, address, host, path or prompt, whatever the shape", async () => {
    const canary =
      "canary-key Bearer abc.canary2 https://gpu.canary3.example/v1 10.9.8.7:5000 /srv/canary4 canary5.cluster.local a long canary6 prompt";
    const shapes = [
      {
        error: {
          message: canary,
          type: canary,
          param: canary,
          code: canary,
          moderation_details: { categories: [canary] },
        },
      },
      { error: canary },
      { error: canary, message: canary },
      { code: canary, error: canary },
      { detail: canary },
      { detail: [{ loc: ["body", canary], msg: canary, type: canary }] },
      { detail: { error: canary } },
      { name: canary, errors: [canary], id: canary },
      { message: canary },
      canary,
      `<html>${canary}</html>`,
    ];
    for (const status of [302, 400, 401, 403, 404, 422, 429, 500, 503]) {
      for (const shape of shapes) {
        const headers = { "x-request-id": "canary-key", location: canary, "retry-after": canary };
        const error = await errorOf(response(status, shape, headers), [
          "canary-key",
          "a long canary6 prompt",
        ]);
        const text = `${error.message} ${JSON.stringify(error)} ${inspect(error.info, { depth: 9 })} ${inspect(error, { showHidden: true })}`;
        expect(text.replace(/at .*\n/g, "")).not.toMatch(/canary|10\.9\.8\.7/);
        expect(error.message.length).toBeLessThanOrEqual(300);
      }
    }
  });

  it("keeps the upstream's request id", async () => {
    const error = await errorOf(response(500, "", { "x-request-id": "req_abc-1" }), ["canary"]);
    expect(error.info.upstreamId).toBe("req_abc-1");
  });

  it("reads no more of a body than an error needs, and lets go of the rest", async () => {
    let read = 0;
    let left = false;
    const endless: HttpResponse = {
      status: 400,
      headers: {},
      body: (async function* () {
        try {
          for (;;) {
            read += 16_384;
            yield Buffer.alloc(16_384, "x ");
          }
        } finally {
          left = true;
        }
      })(),
    };
    expect((await errorOf(endless, [])).fault).toBe("invalid_request");
    expect(read).toBeLessThanOrEqual(65_536);
    expect(left).toBe(true);
  });

  it("judges by the status when the body breaks", async () => {
    const broken: HttpResponse = {
      status: 429,
      headers: {},
      body: (async function* () {
        yield Buffer.from('{"error":');
        throw new Error("cut");
      })(),
    };
    expect((await errorOf(broken, [])).fault).toBe("rate_limit");
  });
});
