import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";

import type { HttpClient } from "../../../lib/ports/http-client";
import type { ImageTask } from "../../../lib/ports/task";
import { type OpenAIOptions, openai } from "../../../lib/providers/openai";
import { createHttpClient } from "../../../lib/transport/http-client";
import type { HttpLimits } from "../../../lib/transport/limits";
import { answer, json, type Reply, raw, silence, type Upstream, upstream } from "../../support/upstream";
import { generate, pictures, providerFailure, runContext } from "./run-context";

/** One exchange recorded from a running stable-diffusion.cpp. */
interface Recorded {
  readonly name: string;
  readonly request: { readonly json: { readonly prompt: string; readonly n: number; readonly size: string } };
  readonly response: {
    readonly status: number;
    readonly json: { readonly data: readonly { readonly b64_json: string }[] };
  };
}

const recorded = new Map(
  readFileSync(join(__dirname, "../../fixtures/upstreams/sdcpp-full.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line): [string, Recorded] => {
      const exchange: Recorded = JSON.parse(line);
      return [exchange.name, exchange];
    }),
);

function recording(name: string): Recorded {
  const found = recorded.get(name);
  if (!found) throw new Error(`no recording of ${name}`);
  return found;
}

const replay = (name: string): Reply => json(recording(name).response.status, recording(name).response.json);

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function http(limits: Partial<HttpLimits> = {}) {
  const client = createHttpClient(limits);
  open.push(client);
  return client;
}

async function serve(...script: [Reply, ...Reply[]]): Promise<Upstream> {
  const server = await upstream(...script);
  open.push(server);
  return server;
}

function provider({ url }: Upstream, more: OpenAIOptions = {}) {
  return openai({ baseUrl: `${url}/v1`, apiKey: "canary-key", ...more });
}

const PICTURE = { data: [{ b64_json: "AAAA" }] };

describe("run", () => {
  it.each([
    ["ok n=1 png", "sdcpp", "89504e47"],
    ["ok n=2 jpeg", "sdcpp", "ffd8ff"],
    ["ok n=4 128x128 png", "sdcpp", "89504e47"],
    ["ok n=1 png", "generic", "89504e47"],
  ] as const)("gives the pictures of the recorded %s to %s", async (name, dialect, magic) => {
    const { request, response } = recording(name);
    const server = await serve(replay(name));
    const ctx = runContext(http());
    const [width = 0, height = 0] = request.json.size.split("x").map(Number);
    const result = await provider(server, { dialect }).run(
      generate({ ...request.json, size: { width, height } }),
      ctx,
    );

    const bytes = await pictures(result);
    expect(bytes).toEqual(response.json.data.map(({ b64_json }) => Buffer.from(b64_json, "base64")));
    expect(bytes).toHaveLength(request.json.n);
    for (const picture of bytes) expect(picture.toString("hex")).toMatch(new RegExp(`^${magic}`));
    expect(result.meta()).toMatchObject({ created: expect.any(Number), warnings: [] });
    expect(server.requests[0]).toMatchObject({ method: "POST", path: "/v1/images/generations" });
    expect(server.requests[0]?.json()).toMatchObject({ n: request.json.n, size: request.json.size });
    expect(ctx.told).toEqual([{ phase: "sampling" }, { phase: "decoding" }]);
  });

  it.each([
    ["empty prompt", "invalid_request", "prompt required"],
    ["no prompt", "invalid_request", "prompt required"],
    ["output_format webp", "invalid_request", "invalid output_format, must be one of [png, jpeg]"],
  ])("gives the reason of the recorded %s", async (name, fault, message) => {
    const server = await serve(replay(name));
    const error = await providerFailure(provider(server).run(generate(), runContext(http())));
    expect(error).toMatchObject({ fault, message });
    expect(error.info).toMatchObject({ started: "no", status: 400 });
  });

  it("takes the recorded 500 of a body that could not be read for the request's fault", async () => {
    const server = await serve(replay("n string"));
    const error = await providerFailure(provider(server).run(generate(), runContext(http())));
    expect(error.fault).toBe("invalid_request");
  });

  it.each<[string, OpenAIOptions, string, object]>([
    ["a bearer token", {}, "/v1/images/generations", { authorization: "Bearer canary-key" }],
    [
      "api-key for Azure's older addresses",
      { dialect: "azure", apiVersion: "2025-04-01-preview", models: ["my model/1"] },
      "/v1/openai/deployments/my%20model%2F1/images/generations?api-version=2025-04-01-preview",
      { "api-key": "canary-key" },
    ],
    [
      "further headers",
      { headers: { "OpenAI-Organization": "org", "X-Extra": "1" } },
      "/v1/images/generations",
      {
        "openai-organization": "org",
        "x-extra": "1",
        accept: "application/json",
        "content-type": "application/json",
      },
    ],
  ])("sends %s", async (_name, options, path, headers) => {
    const server = await serve(json(200, PICTURE));
    await provider(server, options).run(generate({ model: "my model/1" }), runContext(http()));
    expect(server.requests[0]?.path).toBe(path);
    expect(server.requests[0]?.headers).toMatchObject(headers);
  });

  it.each([
    ["/openai", "/openai/deployments/d/images/generations?api-version=1", false],
    ["/openai/v1", "/openai/v1/images/generations?api-version=1", true],
  ])("finds Azure's address below %s", async (base, path, inBody) => {
    const server = await serve(json(200, PICTURE));
    const azure = openai({
      dialect: "azure",
      baseUrl: `${server.url}${base}`,
      apiKey: "k",
      apiVersion: "1",
      models: ["d"],
    });
    await azure.run(generate({ model: "d" }), runContext(http()));
    expect(server.requests[0]?.path).toBe(path);
    expect(Object.keys(server.requests[0]?.json() ?? {}).includes("model")).toBe(inBody);
  });

  it.each(["..", ".", "", "\ud800"])(
    "does not let the deployment %j walk through Azure's addresses",
    async (model) => {
      const server = await serve(json(200, PICTURE));
      const azure = provider(server, { dialect: "azure", apiVersion: "1", models: ["d"] });
      const error = await providerFailure(azure.run(generate({ model }), runContext(http())));
      expect(error).toMatchObject({ fault: "not_found", info: { started: "no" } });
      expect(server.requests).toHaveLength(0);
    },
  );

  it("keeps the upstream's request id, also beside a header of one letter", async () => {
    const server = await serve(json(200, PICTURE, { "x-request-id": "req-1" }));
    const result = await provider(server, { headers: { "x-beta": "1" } }).run(generate(), runContext(http()));
    expect(result.meta().upstreamId).toBe("req-1");
  });

  it("does what the model's card offers and no more", async () => {
    const server = await serve(json(200, PICTURE));
    const task: ImageTask = { ...generate(), op: "edit", images: [] };
    const error = await providerFailure(provider(server).run(task, runContext(http())));
    expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no" } });
    expect(server.connections()).toBe(0);
  });

  it("keeps calls at the same time apart", async () => {
    const echo: Reply = (request, response) => {
      const { prompt } = Object(request.json());
      json(200, { data: [{ b64_json: Buffer.from(prompt).toString("base64") }] })(request, response);
    };
    const server = await serve(echo);
    const generic = provider(server);
    const client = http();
    const prompts = Array.from({ length: 8 }, (_, index) => `prompt ${index}`);
    const results = await Promise.all(
      prompts.map((prompt) => generic.run(generate({ prompt }), runContext(client))),
    );
    for (const [index, result] of results.entries()) {
      expect(await pictures(result)).toEqual([Buffer.from(`prompt ${index}`)]);
    }
  });
});

describe("an upstream that misbehaves", () => {
  const fails = async (reply: Reply, limits: Partial<HttpLimits> = {}, options: OpenAIOptions = {}) => {
    const server = await serve(reply);
    return providerFailure(
      provider(server, options)
        .run(generate(), runContext(http(limits)))
        .then(pictures),
    );
  };

  it("is never followed elsewhere with the key", async () => {
    const thief = await serve(json(200, PICTURE));
    for (const status of [301, 302, 307, 308]) {
      const error = await fails(answer(status, "", { location: `${thief.url}/v1/images/generations` }));
      expect(error).toMatchObject({ fault: "misconfigured", info: { started: "no", status } });
    }
    expect(thief.connections()).toBe(0);
  });

  it.each<[string, Reply, object]>([
    [
      "HTML",
      answer(200, "<html></html>", { "content-type": "text/html" }),
      { fault: "protocol", info: { started: "yes" } },
    ],
    ["an empty answer", answer(200, ""), { fault: "protocol", info: { started: "yes" } }],
    [
      "gzip",
      answer(200, gzipSync(JSON.stringify(PICTURE)), { "content-encoding": "gzip" }),
      { fault: "protocol", info: { started: "maybe" } },
    ],
    [
      "endless headers",
      raw(`HTTP/1.1 200 OK\r\n${"X-Long: 1234567890\r\n".repeat(4_000)}`, "stay"),
      { fault: "protocol", info: { started: "maybe" } },
    ],
    [
      "half an answer",
      raw('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"data":['),
      { fault: "protocol", info: { started: "yes" } },
    ],
    [
      "a broken answer",
      raw('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"data":[', "reset"),
      { fault: "protocol", info: { started: "yes" } },
    ],
    ["a connection that ends", raw(""), { fault: "unavailable", info: { started: "maybe" } }],
    ["an answer that is none", raw("SSH-2.0\r\n"), { fault: "protocol", info: { started: "maybe" } }],
    ["silence", silence, { fault: "timeout", info: { started: "maybe" } }],
    [
      "silence after the headers",
      raw("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", "stay"),
      { fault: "timeout", info: { started: "yes" } },
    ],
    [
      "silence after an error's headers",
      raw("HTTP/1.1 429 No\r\nContent-Length: 999\r\n\r\n{", "stay"),
      { fault: "rate_limit", info: { started: "no" } },
    ],
    [
      "a rate limit in gzip",
      answer(429, gzipSync("{}"), { "content-encoding": "gzip", "retry-after": "7" }),
      { fault: "rate_limit", info: { started: "no", status: 429, retryAfterMs: 7_000 } },
    ],
    [
      "a refusal in gzip",
      answer(400, gzipSync("{}"), { "content-encoding": "gzip" }),
      { fault: "invalid_request" },
    ],
    ["a bare 502", answer(502, "<html>"), { fault: "unavailable", info: { started: "maybe" } }],
  ])("with %s is classified", async (_name, reply, expected) => {
    expect(await fails(reply, { firstByteMs: 60, idleMs: 60 })).toMatchObject(expected);
  });

  it("is cut at the size of the pictures that were asked for", async () => {
    const server = await serve(
      answer(200, Buffer.alloc(60_000_000, 32), { "content-type": "application/json" }),
    );
    const error = await providerFailure(
      provider(server, { maxImageBytes: 3_000_000 })
        .run(generate({ n: 2 }), runContext(http()))
        .then(pictures),
    );
    expect(error).toMatchObject({ fault: "protocol", info: { started: "yes" } });
    await server.requests[0]?.gone;
  });

  it("with pictures of the largest size is taken", async () => {
    const data = Array.from({ length: 2 }, () => ({ b64_json: Buffer.alloc(3_000_000).toString("base64") }));
    const server = await serve(json(200, { data }));
    const result = await provider(server, { maxImageBytes: 3_000_000 }).run(
      generate({ n: 2 }),
      runContext(http()),
    );
    expect(await pictures(result)).toHaveLength(2);
  });

  it("that is not there is unavailable, and nothing was begun", async () => {
    const server = await upstream(silence);
    await server.close();
    const error = await providerFailure(provider(server).run(generate(), runContext(http())));
    expect(error).toMatchObject({ fault: "unavailable", info: { started: "no" } });
  });

  it("that does not speak TLS is misconfigured", async () => {
    const server = await serve(silence);
    const secure = openai({ baseUrl: server.url.replace("http:", "https:"), apiKey: "k" });
    const error = await providerFailure(secure.run(generate(), runContext(http())));
    expect(error).toMatchObject({ fault: "misconfigured", info: { started: "no" } });
  });

  it("learns nothing that it could echo into an error", async () => {
    const echo =
      (status: number): Reply =>
      (request, response) => {
        const said = `${request.headers.authorization} ${request.headers.host} ${request.path} ${request.body}`;
        json(
          status,
          { error: { message: said, code: said, type: said, param: said } },
          { "x-request-id": "canary-key" },
        )(request, response);
      };
    const server = await serve(echo(400), echo(401), echo(429), echo(500), echo(200));
    const generic = provider(server);
    const client = http();
    for (let call = 0; call < 5; call += 1) {
      const error = await providerFailure(
        generic.run(generate({ prompt: "canary prompt of the caller" }), runContext(client)).then(pictures),
      );
      const text = `${JSON.stringify(error)} ${error.message} ${inspect(error, { depth: 9, showHidden: true })} ${inspect(error.info.cause)}`;
      expect(text).not.toMatch(/canary|127\.0\.0\.1/);
    }
  });

  it("of another implementation of the client is an internal fault", async () => {
    const broken = { request: () => Promise.reject(new TypeError("canary")) };
    const error = await providerFailure(openai({ apiKey: "k" }).run(generate(), runContext(broken)));
    expect(error).toMatchObject({ fault: "internal", info: { started: "maybe" } });
    expect(error.message).not.toContain("canary");
  });
});

describe("abort", () => {
  /** Aborts once `when` has come, and says how the run ended. */
  async function aborted(
    reply: Reply,
    when: (server: Upstream, headers: Promise<void>) => Promise<unknown> | undefined,
  ) {
    const server = await serve(reply);
    const controller = new AbortController();
    const client = http();
    let arrived = () => {};
    const headers = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const watched: HttpClient = {
      async request(request) {
        const response = await client.request(request);
        setImmediate(arrived);
        return response;
      },
    };
    const ctx = runContext(watched, controller.signal);
    const failed = providerFailure(provider(server).run(generate(), ctx).then(pictures));
    await when(server, headers);
    const began = performance.now();
    controller.abort(new Error("canary"));
    const error = await failed;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(error.fault).toBe("cancelled");
    expect(error.message).not.toContain("canary");
    const told = ctx.told.length;
    await Promise.all(server.requests.map(({ gone }) => gone));
    expect(ctx.told).toHaveLength(told);
    return error.info.started;
  }

  it("before anything is sent rejects and sends nothing", async () => {
    expect(await aborted(json(200, PICTURE), () => undefined)).toBe("no");
  });

  it("while the upstream works rejects and closes the connection", async () => {
    expect(await aborted(silence, (server) => server.next())).toBe("maybe");
  });

  it.each([
    ["an answer", "HTTP/1.1 200 OK", "yes"],
    ["an error", "HTTP/1.1 500 No", "maybe"],
  ])("while %s is read rejects and closes the connection", async (_name, status, started) => {
    const half = raw(`${status}\r\nContent-Length: 999\r\n\r\n{`, "stay");
    expect(await aborted(half, (_server, headers) => headers)).toBe(started);
  });
});

describe("models", () => {
  const list = (...ids: unknown[]) =>
    json(200, { object: "list", data: ids.map((id) => ({ id, object: "model", created: 5 })) });

  it("are those that the operator named, without asking", async () => {
    const server = await serve(silence);
    const cards = await provider(server, { models: ["a", { id: "b", upstream: "c" }] }).models(
      runContext(http()),
    );
    expect(cards.map(({ id, upstream: name }) => [id, name])).toEqual([
      ["a", undefined],
      ["b", "c"],
    ]);
    expect(server.connections()).toBe(0);
  });

  it("are those that the server lists, of which nothing more is known", async () => {
    const server = await serve(json(200, Object(recording("models").response.json)));
    const cards = await provider(server).models(runContext(http()));
    expect(cards).toEqual([
      expect.objectContaining({ id: "sd-cpp-local", limits: {}, params: {}, ops: ["generate"] }),
    ]);
    expect(server.requests[0]).toMatchObject({ method: "GET", path: "/v1/models" });
    expect(server.requests[0]?.headers.authorization).toBe("Bearer canary-key");
  });

  it("are at OpenAI those that draw", async () => {
    const server = await serve(list("gpt-4o", "gpt-image-1", "dall-e-3", "whisper-1"));
    const cards = await provider(server, { dialect: "openai" }).models(runContext(http()));
    expect(cards.map(({ id, limits, created }) => [id, limits?.n, created])).toEqual([
      ["gpt-image-1", 10, 5],
      ["dall-e-3", 1, 5],
    ]);
  });

  it("leave out what is no name", async () => {
    const server = await serve(
      list("ok", "", 5, null, " a", "a\u0000b", "ü", "x".repeat(300), "ok", "a b/c:d"),
    );
    const cards = await provider(server).models(runContext(http()));
    expect(cards.map(({ id }) => id)).toEqual(["ok", "a b/c:d"]);
  });

  it.each<[string, Reply, string]>([
    ["HTML", answer(200, "<html>"), "protocol"],
    ["no list", json(200, { data: "x" }), "protocol"],
    ["too much", answer(200, Buffer.alloc(3_000_000, 32)), "protocol"],
    ["a refusal", json(401, { error: { message: "canary" } }), "auth"],
    ["an error", answer(500, ""), "unavailable"],
  ])("fail with a ProviderError for %s, which does not make a run fail", async (_name, reply, fault) => {
    const server = await serve(reply, json(200, PICTURE));
    const generic = provider(server);
    const client = http();
    expect((await providerFailure(Promise.resolve(generic.models(runContext(client))))).fault).toBe(fault);
    expect(await pictures(await generic.run(generate(), runContext(client)))).toHaveLength(1);
  });
});

describe("health", () => {
  it.each<[string, Reply, object]>([
    ["up", json(200, { data: [] }), { status: "up", latencyMs: expect.any(Number) }],
    ["down for a refused key", json(401, {}), { status: "down", reason: "the key is refused" }],
    ["down for an error", answer(503, ""), { status: "down", reason: "status 503" }],
    [
      "degraded without a list",
      answer(404, ""),
      { status: "degraded", reason: expect.stringContaining("404") },
    ],
    ["down for a cut connection", raw(""), { status: "down", reason: "reset" }],
  ])("is %s", async (_name, reply, expected) => {
    const server = await serve(reply);
    expect(await provider(server).health?.(runContext(http()))).toMatchObject(expected);
  });

  it("is down when the check is aborted", async () => {
    const server = await serve(silence);
    const controller = new AbortController();
    const checked = provider(server).health?.(runContext(http(), controller.signal));
    await server.next();
    controller.abort();
    expect(await checked).toEqual({ status: "down", reason: "aborted" });
  });
});
