import { inspect } from "node:util";

import { type FalModel, fal } from "../../../lib/providers/fal";
import { createHttpClient } from "../../../lib/transport/http-client";
import { answer, json, type Reply, raw } from "../../support/upstream";
import { generate, pictures, providerFailure, runContext } from "../hosted/context";
import { COMPLETED, complaint, KEY, type State, startFal } from "./upstream";

const FLUX = "fal-ai/flux/schnell";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(model: string | FalModel = FLUX) {
  const upstream = await startFal();
  const http = createHttpClient();
  const made = fal({ apiKey: KEY, models: [model], baseUrl: upstream.url, pollMs: 1 });
  open.push(upstream, http, made);
  const run = (task: Parameters<typeof generate>[1] = {}) =>
    made.run(generate(typeof model === "string" ? model : model.id, task), runContext(http));
  return { upstream, http, run };
}

const file = (at: number, more: object = {}) => ({
  url: `https://host/${at}.png`,
  content_type: "image/png",
  ...more,
});

describe("a result", () => {
  const resultOf = async (result: unknown, task: Parameters<typeof generate>[1] = {}, model?: FalModel) => {
    const { upstream, run } = await start(model);
    upstream.play(COMPLETED);
    upstream.result(json(200, result));
    return run(task);
  };

  it.each<[string, object, string[]]>([
    ["a list of files", { images: [file(0), file(1)] }, ["https://host/0.png", "https://host/1.png"]],
    ["one file", { image: file(0) }, ["https://host/0.png"]],
    ["a list of links", { images: ["https://host/0.png"] }, ["https://host/0.png"]],
    ["a data URL", { images: [{ url: "data:image/png;base64,AAAA" }] }, ["data:image/png;base64,AAAA"]],
    [
      "pictures beside other things",
      { images: [file(0)], text: "a cat", image: null },
      ["https://host/0.png"],
    ],
  ])("may be %s", async (_name, result, links) => {
    expect(await pictures(await resultOf(result, { n: links.length }))).toEqual(links);
  });

  it.each<[object, string]>([
    [{ video: { url: "https://host/a.mp4" } }, "the model made a video, not pictures"],
    [{ audio: { url: "https://host/a.wav" } }, "the model made sound, not pictures"],
    [{ model_mesh: { url: "https://host/a.glb" } }, "the model made a 3D model, not pictures"],
    [{ output: "Once upon a time" }, "the model made text, not pictures"],
    [
      { images: [file(0, { url: "https://host/a", content_type: "video/mp4" })] },
      "the model made a video, not pictures",
    ],
    [{ images: [file(0, { content_type: "image/svg+xml" })] }, "the model made an SVG drawing, not pictures"],
    [{ images: [17] }, "the model made something else, not pictures"],
    [{ images: [] }, "the upstream answered without a picture"],
    [{}, "the upstream answered without a picture"],
  ])("that is %j is refused by name", async (result, message) => {
    const error = await providerFailure(resultOf(result));
    expect(error).toMatchObject({ fault: "protocol", message, info: { started: "yes" } });
  });

  it("leaves out pictures that the safety checker has blackened, with a warning", async () => {
    const marked = { images: [file(0), file(1), file(2)], has_nsfw_concepts: [false, true, false] };
    const result = await resultOf(marked, { n: 3 });
    expect(await pictures(result)).toEqual(["https://host/0.png", "https://host/2.png"]);
    expect(result.meta().warnings).toEqual([
      { param: "n", message: "the upstream made 2 of 3 images; its filter withheld 1" },
    ]);
  });

  it("of nothing but blackened pictures is a matter of the content policy", async () => {
    const error = await providerFailure(resultOf({ images: [file(0)], has_nsfw_concepts: [true] }));
    expect(error).toMatchObject({
      fault: "content_policy",
      info: { started: "yes", moderation: { stage: "output" } },
    });
  });

  it("keeps marked pictures where the operator has switched the safety checker off", async () => {
    const model: FalModel = { id: FLUX, defaults: { enable_safety_checker: false } };
    const marked = { images: [file(0)], has_nsfw_concepts: [true] };
    const { images } = await resultOf(marked, {}, model);
    expect(images).toEqual([expect.objectContaining({ flagged: true })]);
  });

  it.each<[string, Reply]>([
    ["HTML", answer(200, "<html>")],
    ["a list", json(200, [])],
    ["more than a result can be", answer(200, Buffer.alloc(5_000_000, 32))],
  ])("that is %s cannot be read", async (_name, reply) => {
    const { upstream, run } = await start();
    upstream.play(COMPLETED);
    upstream.result(reply);
    expect(await providerFailure(run())).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });
});

describe("work that ends badly", () => {
  async function endsWith(reply: Reply, more: object = {}, task: Parameters<typeof generate>[1] = {}) {
    const { upstream, run } = await start();
    upstream.play({ ...COMPLETED, ...more });
    upstream.result(reply);
    const error = await providerFailure(run(task));
    // What has ended is not stopped, and not asked for anew.
    expect(upstream.server.requests.filter(({ method }) => method !== "GET")).toHaveLength(1);
    return error;
  }
  const failed = (status: number, error_type: string, headers: Record<string, string> = {}): Reply =>
    json(
      status,
      { detail: `It failed with ${KEY}`, error_type },
      { "x-fal-error-type": error_type, ...headers },
    );

  it.each<[string, Reply, object]>([
    [
      "a value that the model does not take",
      complaint(422, "less_than_equal", "num_images"),
      { fault: "invalid_request", info: { param: "n", upstreamSaysRetry: false } },
    ],
    [
      "a size",
      complaint(422, "multiple_of", "image_size"),
      { fault: "invalid_request", info: { param: "size" } },
    ],
    [
      "a further field",
      complaint(422, "less_than_equal", "num_inference_steps"),
      { fault: "invalid_request", info: { param: "steps" } },
    ],
    [
      "an input that it does not have",
      complaint(422, "extra_forbidden", "seed"),
      { fault: "unsupported_param", info: { param: "seed" } },
    ],
    [
      "the content policy",
      complaint(422, "content_policy_violation", "prompt", { categories: ["sexual"] }),
      { fault: "content_policy", info: { param: "prompt", moderation: { categories: ["sexual"] } } },
    ],
    ["an error of the model", complaint(500, "internal_server_error", "body"), { fault: "unavailable" }],
    ["time", complaint(504, "generation_timeout", "body"), { fault: "timeout" }],
    ["a runner that broke", failed(500, "runner_server_error"), { fault: "unavailable" }],
    ["a runner that went away", failed(503, "runner_disconnected"), { fault: "unavailable" }],
    ["time in the service", failed(504, "request_timeout"), { fault: "timeout" }],
    ["somebody who stopped it", failed(499, "client_cancelled"), { fault: "cancelled" }],
    [
      "a path that the app does not have",
      json(404, { detail: "Path /schnel not found" }),
      { fault: "not_found" },
    ],
  ])("by %s says so, and that it has begun", async (_name, reply, expected) => {
    expect(await endsWith(reply)).toMatchObject({
      ...expected,
      info: { started: "yes", ...Object(expected).info },
    });
  });

  it.each<[string, Reply, string]>([
    ["no runner was found", failed(503, "runner_scheduling_failure"), "unavailable"],
    ["no runner came up", failed(504, "startup_timeout"), "timeout"],
    [
      "it waited longer than we had time",
      failed(504, "request_timeout", { "x-fal-request-timeout-type": "user" }),
      "timeout",
    ],
  ])("because %s was never begun", async (_name, reply, fault) => {
    expect(await endsWith(reply)).toMatchObject({ fault, info: { started: "no" } });
  });

  it("is told by the status where its answer does not say", async () => {
    const status = { error: `It failed with ${KEY}`, error_type: "runner_disconnected" };
    const error = await endsWith(json(200, {}), status);
    expect(error).toMatchObject({ fault: "internal", info: { started: "yes" } });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(KEY);
    expect(await endsWith(answer(502, "<html>"), status)).toMatchObject({ fault: "unavailable" });
  });

  it("in a state that is not known is stopped", async () => {
    const { upstream, run } = await start();
    const state: State = { status: "PAUSED" };
    upstream.play(state);
    expect(await providerFailure(run())).toMatchObject({ fault: "protocol", info: { started: "yes" } });
    expect(upstream.server.requests.map(({ method }) => method)).toEqual(["POST", "GET", "PUT"]);
  });

  it("repeats nothing that an answer lets slip", async () => {
    const prompt = "a canary prompt of the caller";
    const error = await endsWith(
      (request, response) => {
        const said = `${request.headers.authorization} ${request.headers.host} ${request.path} ${prompt}`;
        return json(422, { detail: [{ loc: ["body", said], msg: said, type: said, categories: [said] }] })(
          request,
          response,
        );
      },
      { error: prompt },
      { prompt },
    );
    const text = `${error.message} ${inspect(error, { depth: 9, showHidden: true })}`;
    expect(text).not.toMatch(/conformance:|127\.0\.0\.1|canary/);
  });
});

describe("work that is not taken", () => {
  const refusedWith = async (reply: Reply) => {
    const { upstream, run } = await start();
    upstream.refuse(reply);
    return providerFailure(run());
  };

  it.each<[string, Reply, object]>([
    ["a refused key", json(401, { detail: "Cannot access application" }), { fault: "auth" }],
    [
      "an empty account",
      json(403, { detail: "User is locked. Reason: Exhausted balance. Top up your balance." }),
      { fault: "quota" },
    ],
    ["a locked account", json(403, { detail: "User is locked. Reason: abuse." }), { fault: "auth" }],
    [
      "too much at once",
      json(
        429,
        { detail: [{ loc: ["body"], msg: "Too many", type: "concurrent_requests_limit" }] },
        { "retry-after": "2" },
      ),
      { fault: "rate_limit", info: { retryAfterMs: 2_000 } },
    ],
    [
      "a model that is not there",
      json(404, { detail: "Application 'nothing' not found" }),
      { fault: "not_found" },
    ],
    [
      "a body that is none",
      json(400, { detail: "Bad request", error_type: "bad_request" }),
      { fault: "invalid_request" },
    ],
    [
      "an error of its own",
      json(500, { detail: "Internal error" }),
      { fault: "unavailable", info: { started: "maybe" } },
    ],
    ["HTML from a proxy", answer(502, "<html>"), { fault: "unavailable", info: { started: "maybe" } }],
    ["a redirect", answer(307, "", { location: "https://evil.example/" }), { fault: "misconfigured" }],
  ])("for %s", async (_name, reply, expected) => {
    expect(await refusedWith(reply)).toMatchObject({ info: { started: "no" }, ...expected });
  });

  it.each<[string, Reply, object]>([
    ["half an answer", raw('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"req'), { fault: "protocol" }],
    ["HTML", answer(200, "<html>"), { fault: "protocol", info: { started: "yes" } }],
    ["no addresses", json(200, { request_id: "1" }), { fault: "protocol", info: { started: "yes" } }],
    ["a connection that ends", raw(""), { fault: "unavailable" }],
  ])("as %s tells it may have been begun all the same", async (_name, reply, expected) => {
    expect(await refusedWith(reply)).toMatchObject({ info: { started: "maybe" }, ...expected });
  });
});
