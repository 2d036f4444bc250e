import { inspect } from "node:util";

import { type ReplicateModel, replicate } from "../../../lib/providers/replicate";
import { createHttpClient } from "../../../lib/transport/http-client";
import { answer, json, type Reply, raw, upstream as serve } from "../../support/upstream";
import { generate, pictures, providerFailure, runContext } from "../hosted/context";
import { type State, startReplicate, TOKEN } from "./upstream";

const FLUX = "black-forest-labs/flux-dev";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function start(model: string | ReplicateModel = FLUX) {
  const upstream = await startReplicate();
  const http = createHttpClient();
  const made = replicate({
    apiToken: TOKEN,
    models: [model],
    baseUrl: upstream.url,
    pollMs: 1,
    maxImageBytes: 100_000,
  });
  open.push(upstream, http, made);
  const run = (task: Parameters<typeof generate>[1] = {}) =>
    made.run(generate(typeof model === "string" ? model : model.id, task), runContext(http));
  return { upstream, http, run };
}

async function failsWith(state: State) {
  const { upstream, run } = await start();
  upstream.play(state);
  return providerFailure(run());
}

async function refusedWith(reply: Reply, task: Parameters<typeof generate>[1] = {}) {
  const { upstream, run } = await start();
  upstream.refuse(reply);
  return providerFailure(run(task));
}

describe("the output of a prediction", () => {
  it.each<[string, unknown, string[]]>([
    ["a link", "https://replicate.delivery/a/out.webp", ["https://replicate.delivery/a/out.webp"]],
    [
      "a list of links",
      ["https://host/0.png", "https://host/1.png"],
      ["https://host/0.png", "https://host/1.png"],
    ],
    ["a data URL", "data:image/png;base64,AAAA", ["data:image/png;base64,AAAA"]],
  ])("is %s", async (_name, output, links) => {
    const { upstream, run } = await start();
    upstream.play({ status: "succeeded", output });
    expect(await pictures(await run({ n: links.length }))).toEqual(links);
  });

  it.each<[unknown, string]>([
    ["https://replicate.delivery/a/out.mp4", "the model made a video, not pictures"],
    [["https://replicate.delivery/a/out.wav"], "the model made sound, not pictures"],
    [["Once ", "upon ", "a time"], "the model made text, not pictures"],
    ["a caption of a cat", "the model made text, not pictures"],
    [{ mesh: "https://host/a.glb" }, "the model made an object, not pictures"],
    [[17], "the model made something else, not pictures"],
    [[], "the upstream answered without a picture"],
    [null, "the upstream answered without a picture"],
  ])("that is %j is refused by name", async (output, message) => {
    const { upstream, run } = await start();
    upstream.play({ status: "succeeded", output });
    const error = await providerFailure(run());
    expect(error).toMatchObject({ fault: "protocol", message, info: { started: "yes" } });
    // What has ended is not stopped.
    expect(upstream.server.requests.filter(({ path }) => path.endsWith("/cancel"))).toEqual([]);
  });

  it("of fewer pictures than asked for comes with a warning", async () => {
    const { upstream, run } = await start();
    upstream.play({ status: "succeeded", output: ["https://host/0.png"] });
    const result = await run({ n: 2 });
    expect(result.meta().warnings).toEqual([{ param: "n", message: "the upstream made 1 of 2 images" }]);
  });

  it("is fetched with the token where it lies on the API itself, and there only", async () => {
    const { upstream, run } = await start();
    const own = `${upstream.server.url}/v1/files/abc/download`;
    upstream.play({ status: "succeeded", output: [own, "https://host/1.png"] });
    const before = upstream.server.requests.length;
    const result = await run({ n: 2 });
    const [first, second] = Array.isArray(result.images) ? result.images : [];
    expect(second?.data).toMatchObject({ as: "url", url: "https://host/1.png" });
    // The double has no such file, and says so with its secret.
    const error = await providerFailure(pictures({ images: [first], meta: result.meta }));
    expect(error.info.started).toBe("yes");
    expect(error.message).not.toContain(TOKEN);
    const fetched = upstream.server.requests
      .slice(before)
      .find(({ path }) => path === "/v1/files/abc/download");
    expect(fetched?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it.each<[string, Reply, string | undefined]>([
    ["whole", answer(200, "the picture"), undefined],
    ["longer than a picture may be", answer(200, Buffer.alloc(100_001)), "too_large"],
    ["cut", raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\npic"), "truncated"],
  ])("on the API itself may be %s", async (_name, file, failure) => {
    const http = createHttpClient();
    const server = await serve((request, response) => {
      const { path } = request;
      const output = `${server.url}/v1/files/abc/download`;
      if (path.startsWith("/v1/files")) return file(request, response);
      if (request.method === "POST") return json(201, { id: "p1", status: "starting" })(request, response);
      return json(200, { id: "p1", status: "succeeded", output })(request, response);
    });
    const made = replicate({
      apiToken: TOKEN,
      models: [FLUX],
      baseUrl: `${server.url}/v1`,
      pollMs: 1,
      maxImageBytes: 100_000,
    });
    open.push(server, http, made);
    const result = await made.run(generate(FLUX), runContext(http));
    if (failure === undefined) expect(await pictures(result)).toEqual(["the picture"]);
    else {
      const error = await providerFailure(pictures(result));
      expect(error).toMatchObject({ fault: "protocol", info: { started: "yes", cause: { failure } } });
    }
  });

  it("that is longer than its pictures can be is cut", async () => {
    const { upstream, run } = await start();
    upstream.play({ status: "succeeded", output: `data:image/png;base64,${"A".repeat(5_000_000)}` });
    expect(await providerFailure(run())).toMatchObject({ fault: "protocol", info: { started: "yes" } });
  });
});

describe("a prediction that ends badly", () => {
  const sensitive =
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)";

  it.each<[string, State, object]>([
    ["moderation", { status: "failed", error: sensitive }, { fault: "content_policy" }],
    [
      "the safety checker",
      {
        status: "failed",
        error: "All generated images contained NSFW content. Try running it again with a different prompt.",
      },
      { fault: "content_policy" },
    ],
    ["memory", { status: "failed", error: "CUDA out of memory. Tried to allocate" }, { fault: "overloaded" }],
    [
      "an interruption",
      { status: "failed", error: "Prediction interrupted; please retry (code: PA)" },
      { fault: "unavailable" },
    ],
    ["anything else", { status: "failed", error: "KeyError: 'x'" }, { fault: "internal" }],
    ["nothing said", { status: "failed", error: null }, { fault: "internal" }],
    ["somebody who stopped it", { status: "canceled" }, { fault: "cancelled" }],
    ["a state that is not known", { status: "paused" }, { fault: "protocol" }],
  ])("by %s says so, and that it has begun", async (_name, state, expected) => {
    expect(await failsWith(state)).toMatchObject({ ...expected, info: { started: "yes" } });
  });

  it("before it began was never begun", async () => {
    expect(await failsWith({ status: "aborted" })).toMatchObject({
      fault: "timeout",
      info: { started: "no" },
    });
  });

  it("keeps the model's own words for the log, without secrets", async () => {
    const { upstream, run } = await start();
    const said = `RuntimeError in /src/predict.py with ${TOKEN} at ${upstream.url}: a secret prompt of the caller`;
    upstream.play({ status: "failed", error: said });
    const error = await providerFailure(run({ prompt: "a secret prompt of the caller" }));
    expect(error.message).toBe("the model failed at the work");
    expect(error.info.cause).toEqual(expect.stringContaining("RuntimeError"));
    expect(inspect(error.info.cause)).not.toMatch(/r8_|predict\.py|127\.0\.0\.1|secret prompt/);
  });
});

describe("a prediction that is not created", () => {
  const invalid = (type: string, field: string, description: string): Reply =>
    json(422, {
      title: "Input validation failed",
      detail: `- ${field}: ${description}\n`,
      status: 422,
      invalid_fields: [{ type, field, description }],
    });

  it.each<[string, Reply, object]>([
    [
      "a refused token",
      json(401, {
        title: "Unauthenticated",
        detail: "You did not pass a valid authentication token",
        status: 401,
      }),
      { fault: "auth" },
    ],
    [
      "an empty account",
      json(402, {
        title: "Insufficient credit",
        detail: "You have insufficient credit to run this model.",
        status: 402,
      }),
      { fault: "quota" },
    ],
    [
      "too many",
      json(429, { detail: "Request was throttled. Your rate limit resets in ~30s.", status: 429 }),
      { fault: "rate_limit", info: { retryAfterMs: 30_000 } },
    ],
    [
      "a model that is not there",
      json(404, { detail: "The requested resource could not be found.", status: 404 }),
      { fault: "not_found" },
    ],
    [
      "a version that is not there",
      json(422, {
        title: "Invalid version or not permitted",
        detail: "The specified version does not exist (or perhaps you don't have permission to use it?)",
        status: 422,
      }),
      { fault: "not_found" },
    ],
    [
      "a value that the model does not take",
      invalid("enum", "input.aspect_ratio", 'aspect_ratio must be one of the following: "1:1", "16:9"'),
      {
        fault: "invalid_request",
        message: 'aspect_ratio must be one of the following: "1:1", "16:9"',
        info: { param: "size" },
      },
    ],
    [
      "too many pictures",
      invalid("number_lte", "input.num_outputs", "Must be less than or equal to 4"),
      { fault: "invalid_request", info: { param: "n" } },
    ],
    [
      "too many steps",
      invalid("number_lte", "input.num_inference_steps", "Must be less than or equal to 50"),
      { fault: "invalid_request", info: { param: "steps" } },
    ],
    [
      "an input that it does not have",
      invalid("additional_property_not_allowed", "input", "Additional property seed is not allowed"),
      { fault: "unsupported_param" },
    ],
    ["plain text", answer(400, "bad request"), { fault: "invalid_request", message: "bad request" }],
    [
      "an error of its own",
      json(500, { detail: "Internal server error" }),
      { fault: "unavailable", info: { started: "maybe" } },
    ],
    ["HTML from a proxy", answer(502, "<html>"), { fault: "unavailable", info: { started: "maybe" } }],
  ])("for %s", async (_name, reply, expected) => {
    expect(await refusedWith(reply)).toMatchObject({ info: { started: "no" }, ...expected });
  });

  it.each<[string, Reply, object]>([
    [
      "half an answer",
      raw('HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{"id":'),
      { fault: "protocol" },
    ],
    ["HTML", answer(200, "<html>"), { fault: "protocol", info: { started: "yes" } }],
    ["a list", json(201, []), { fault: "protocol", info: { started: "yes" } }],
    ["no id", json(201, { status: "starting" }), { fault: "protocol", info: { started: "yes" } }],
    ["a connection that ends", raw(""), { fault: "unavailable" }],
  ])("as %s tells it may have been begun all the same", async (_name, reply, expected) => {
    expect(await refusedWith(reply)).toMatchObject({ info: { started: "maybe" }, ...expected });
  });

  it("is never repeated, and never followed elsewhere with the token", async () => {
    const { upstream, run } = await start();
    const thief = await serve(json(201, { id: "p1" }));
    open.push(thief);
    upstream.refuse(answer(307, "", { location: `${thief.url}/v1/predictions` }));
    expect(await providerFailure(run())).toMatchObject({ fault: "misconfigured", info: { started: "no" } });
    expect(upstream.calls()).toBe(1);
    expect(thief.connections()).toBe(0);
  });

  it("repeats nothing that an answer lets slip", async () => {
    const { upstream, run } = await start();
    upstream.refuse((request, response) => {
      const said = `${request.headers.authorization} ${request.headers.host} ${request.path} ${request.body}`;
      return json(422, {
        title: said,
        detail: said,
        invalid_fields: [{ type: said, field: said, description: said }],
      })(request, response);
    });
    const error = await providerFailure(run({ prompt: "a canary prompt of the caller" }));
    const text = `${error.message} ${inspect(error, { depth: 9, showHidden: true })}`;
    expect(text).not.toMatch(/r8_|127\.0\.0\.1|canary/);
  });
});
