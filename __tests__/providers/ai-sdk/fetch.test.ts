import type { HttpClient, HttpRequest, HttpResponse } from "../../../lib/ports/http-client";
import { HttpError } from "../../../lib/ports/http-client";
import { aiSdk, gatewayFetch, type ImageModelCall } from "../../../lib/providers/ai-sdk";
import { createHttpClient } from "../../../lib/transport/http-client";
import type { HttpLimits } from "../../../lib/transport/limits";
import { answer, json, type Reply, silence, type Upstream, upstream } from "../../support/upstream";
import { PIXEL, scriptedModel, thrown } from "./models";
import { generate, providerFailure, runContext } from "./run-context";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function client(limits: Partial<HttpLimits> = {}): HttpClient {
  const http = createHttpClient(limits);
  open.push(http);
  return http;
}

async function serve(...script: [Reply, ...Reply[]]): Promise<Upstream> {
  const server = await upstream(...script);
  open.push(server);
  return server;
}

/** What a model gets that asks in the middle of its run. */
async function within<T>(
  http: HttpClient,
  ask: (call: ImageModelCall) => Promise<T>,
  more: { readonly maxImageBytes?: number; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const { signal, ...options } = more;
  let got: { readonly value: T } | undefined;
  const model = scriptedModel(async (call) => {
    got = { value: await ask(call) };
    return { images: [PIXEL] };
  });
  await aiSdk({ models: { m: model }, ...options }).run(
    generate(),
    runContext(signal === undefined ? { http } : { http, signal }),
  );
  if (got === undefined) throw new Error("the model was not called");
  return got.value;
}

/** The error of a run whose model fails with whatever its requests fail with. */
const failureOf = (
  http: HttpClient,
  ask: (call: ImageModelCall) => Promise<unknown>,
  maxImageBytes = 2 ** 20,
) =>
  providerFailure(
    aiSdk({ models: { m: scriptedModel(ask) }, maxImageBytes }).run(generate(), runContext({ http })),
  );

const post = (url: string, body: unknown) =>
  gatewayFetch(url, { method: "POST", body: JSON.stringify(body) });

/** What the packages make of an answer that is no success. */
async function successOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  throw thrown("AI_APICallError", response.statusText, {
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: await response.text(),
  });
}

describe("gatewayFetch", () => {
  it("is for runs only, and says so", async () => {
    await expect(gatewayFetch("http://127.0.0.1:1/")).rejects.toThrow(/is for calls by aiSdk\(\)/);
  });

  it("sends what it is given, and gives status, headers and body", async () => {
    const server = await serve(json(202, { id: 1 }, { "x-request-id": "up_1" }));
    const got = await within(client(), async () => {
      const headers = { authorization: "Bearer k", "content-type": "application/json", "x-key": "1" };
      const response = await gatewayFetch(`${server.url}/v1/images?a=b`, {
        method: "POST",
        headers,
        body: '{"a":"ü"}',
      });
      return [response.status, response.ok, response.headers.get("x-request-id"), await response.json()];
    });
    expect(got).toEqual([202, true, "up_1", { id: 1 }]);
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/images?a=b",
      headers: { authorization: "Bearer k", "x-key": "1", "content-type": "application/json" },
    });
    expect(server.requests[0]?.json()).toEqual({ a: "ü" });
  });

  it("sends forms with files, as edits need them", async () => {
    const server = await serve(json(200, {}));
    const form = new FormData();
    form.set("prompt", "a cube");
    form.set("image", new Blob([Buffer.from(PIXEL, "base64")], { type: "image/png" }), "pixel.png");
    await within(client(), () => gatewayFetch(`${server.url}/v1`, { method: "POST", body: form }));
    const [request] = server.requests;
    expect(request?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(request?.headers["content-length"]).toBe(String(request?.body.byteLength));
    expect(request?.body.includes(Buffer.from(PIXEL, "base64"))).toBe(true);
  });

  it("takes a Request and a URL too", async () => {
    const server = await serve(json(200, {}));
    await within(client(), () => gatewayFetch(new Request(`${server.url}/a`, { headers: { "x-a": "1" } })));
    await within(client(), () => gatewayFetch(new URL(`${server.url}/b`)));
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /a", "GET /b"]);
    expect(server.requests[0]?.headers["x-a"]).toBe("1");
  });

  it.each([204, 205, 304])("gives a %d without a body", async (status) => {
    const server = await serve((_request, response) => response.writeHead(status).end());
    const got = await within(client(), async () => {
      const response = await gatewayFetch(server.url);
      return [response.status, response.body];
    });
    expect(got).toEqual([status, null]);
  });

  it("lets go of a body that a status must not have", async () => {
    let isReleased = false;
    const body: AsyncIterableIterator<Uint8Array> = {
      next: () => new Promise(() => {}),
      async return() {
        isReleased = true;
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => body,
    };
    const http: HttpClient = { request: async () => ({ status: 204, headers: {}, body }) };
    await within(http, () => gatewayFetch("https://vendor.example"));
    expect(isReleased).toBe(true);
  });

  it("does not follow a redirect", async () => {
    const server = await serve(answer(302, "", { location: "/elsewhere" }));
    const status = await within(client(), async () => (await gatewayFetch(server.url)).status);
    expect(status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });

  it("refuses methods that the gateway's client does not have", async () => {
    const { fault } = await failureOf(client(), () =>
      gatewayFetch("http://127.0.0.1:1/", { method: "PATCH" }),
    );
    expect(fault).toBe("internal");
  });

  it("cuts off an answer that is larger than the pictures may be", async () => {
    // As text of base64 a picture is a third longer.
    const length = 4 * 2 ** 20 + 1_000;
    const server = await serve(answer(200, Buffer.alloc(length), { "content-type": "image/png" }));
    const http = client();
    const fetched = (maxImageBytes: number) =>
      within(http, async () => (await (await gatewayFetch(server.url)).arrayBuffer()).byteLength, {
        maxImageBytes,
      });
    expect(await fetched(3 * 2 ** 20)).toBe(length);
    const { fault, info } = await providerFailure(fetched(2 * 2 ** 20));
    expect([fault, info.started]).toEqual(["protocol", "yes"]);
  });

  it("keeps the time limits of the gateway's client", async () => {
    const server = await serve(silence);
    const { fault, info } = await failureOf(client({ firstByteMs: 20 }), () => post(server.url, {}));
    expect([fault, info.started]).toEqual(["timeout", "maybe"]);
  });

  it("ends with the signal that it is given, and rejects with its reason as fetch does", async () => {
    const server = await serve(silence);
    const reason = new Error("enough");
    const http = client();
    await within(http, async () => {
      const stop = new AbortController();
      const request = expect(gatewayFetch(server.url, { signal: stop.signal })).rejects.toBe(reason);
      await server.next();
      stop.abort(reason);
      await request;
    });
    await server.requests[0]?.gone;
  });

  it("ends with the run, also when a request has no signal and the model does not stop", async () => {
    const server = await serve(silence);
    const stop = new AbortController();
    const running = providerFailure(
      within(client(), () => gatewayFetch(server.url), { signal: stop.signal }),
    );
    const request = await server.next();
    stop.abort();
    expect((await running).fault).toBe("cancelled");
    await request.gone;
  });

  it("sends nothing more when its run is over", async () => {
    const server = await serve(json(200, {}));
    let later: Promise<unknown> = Promise.resolve();
    let goOn: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await within(client(), async () => {
      later = over.then(() => gatewayFetch(server.url));
    });
    goOn();
    await expect(later).rejects.toThrow();
    expect(server.requests).toEqual([]);
  });

  it("lets go of an answer that nobody reads when its run is over", async () => {
    const server = await serve((_request, response) => response.writeHead(200).write("begun"));
    const running = within(client(), () => gatewayFetch(server.url));
    const request = await server.next();
    await running;
    await request.gone;
  });

  it("keeps two runs at the same time apart", async () => {
    const server = await serve((request, response) => json(200, { you: request.path })(request, response));
    const seen: string[] = [];
    const hearing = (name: string): HttpClient => {
      const http = client();
      return {
        request: (request) => {
          seen.push(`${name} ${new URL(request.url).pathname}`);
          return http.request(request);
        },
      };
    };
    const ask = (path: string) => async () => {
      const first = await gatewayFetch(server.url + path);
      await first.text();
      return (await gatewayFetch(server.url + path)).json();
    };
    const got = await Promise.all([within(hearing("one"), ask("/one")), within(hearing("two"), ask("/two"))]);
    expect(got).toEqual([{ you: "/one" }, { you: "/two" }]);
    expect(seen.sort()).toEqual(["one /one", "one /one", "two /two", "two /two"]);
  });
});

/** Answers in place of a network, and keeps what was asked. */
function fakeNetwork(status = 200, text = ""): HttpClient & { readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    async request(request): Promise<HttpResponse> {
      asked.push(request);
      return { status, headers: {}, body: once(text) };
    },
  };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe("an address that an answer names", () => {
  const home = "http://127.0.0.1:8080";

  it.each([
    "http://delivery.vendor.example/picture.png",
    "http://127.0.0.1:9000/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost/",
    "https://vendor.example:8443/",
    "ftp://vendor.example/",
  ])("may not be %s: the run fails as one whose work was begun", async (url) => {
    const network = fakeNetwork();
    const { fault, info } = await failureOf(network, async () => {
      await post(home, {});
      await gatewayFetch(url);
    });
    expect([fault, info.started]).toEqual(["misconfigured", "yes"]);
    expect(network.asked).toHaveLength(1);
  });

  it("that cannot be resolved is as good as none", async () => {
    const network = fakeNetwork();
    const { fault, info } = await failureOf(network, async () => {
      await post(home, {});
      await gatewayFetch("https://nobody.invalid/");
    });
    expect([fault, info.started]).toEqual(["unavailable", "yes"]);
    expect(network.asked).toHaveLength(1);
  });
});

describe("an answer that says that a prompt was refused", () => {
  it.each(["Request Moderated", "Content Moderated"])(
    "ends the run in content_policy: %s is not asked for again",
    async (status) => {
      const server = await serve(json(200, { id: "t" }), json(200, { id: "t", status, result: null }));
      const { fault, info } = await failureOf(client(), async () => {
        await (await post(server.url, {})).json();
        for (;;) await (await gatewayFetch(server.url)).json();
      });
      expect(fault).toBe("content_policy");
      expect(info.moderation).toEqual({ stage: status === "Request Moderated" ? "input" : "output" });
      expect(server.requests).toHaveLength(2);
    },
  );

  it.each<[string, Reply]>([
    ["of another status", json(400, { status: "Request Moderated" })],
    ["of another type", answer(200, '{"status":"Request Moderated"}', { "content-type": "text/plain" })],
    ["with a picture in it", json(200, { status: "Request Moderated", data: "A".repeat(70_000) })],
    ["deep inside", json(200, { result: { status: "Request Moderated" } })],
  ])("is an answer like others %s", async (_name, reply) => {
    const server = await serve(reply);
    const text = await within(client(), async () => (await gatewayFetch(server.url)).text());
    expect(text).toContain("Request Moderated");
  });
});

describe("what was sent before", () => {
  it("lets a refusal of the first request prove that nothing was begun", async () => {
    const server = await serve(json(429, { error: "slow down" }, { "retry-after": "2" }));
    const { fault, info } = await failureOf(client(), async () => successOf(await post(server.url, {})));
    expect([fault, info.started, info.retryAfterMs]).toEqual(["rate_limit", "no", 2_000]);
  });

  it("lets an upstream that is too busy for the first request prove it too", async () => {
    const server = await serve(json(503, { error: "overloaded" }, { "retry-after": "2" }));
    const { fault, info } = await failureOf(client(), async () => successOf(await post(server.url, {})));
    expect([fault, info.started]).toEqual(["overloaded", "no"]);
  });

  it("makes a model's own complaint one about begun work", async () => {
    const server = await serve(json(200, {}));
    const { fault, info } = await failureOf(client(), async () => {
      await post(server.url, {});
      throw thrown("AI_InvalidArgumentError", "invalid options");
    });
    expect([fault, info.started]).toEqual(["invalid_request", "yes"]);
  });

  it("lets a break of the first request prove nothing", async () => {
    const server = await serve(json(500, {}));
    const { fault, info } = await failureOf(client(), async () => successOf(await post(server.url, {})));
    expect([fault, info.started]).toEqual(["unavailable", "maybe"]);
  });

  it("makes a refusal of a later request the loss of begun work", async () => {
    const server = await serve(json(200, {}), json(429, {}));
    const { fault, info } = await failureOf(client(), async () => {
      await successOf(await post(server.url, {}));
      await successOf(await gatewayFetch(server.url));
    });
    expect([fault, info.started]).toEqual(["unavailable", "yes"]);
  });

  it("counts a second attempt of the model's own, after one that broke, as one that may have begun", async () => {
    const server = await serve(json(500, {}), json(429, {}));
    const { info } = await failureOf(client(), async () => {
      await post(server.url, {});
      await successOf(await post(server.url, {}));
    });
    expect(info.started).toBe("maybe");
  });

  it("counts requests that are still unanswered as ones that may have begun", async () => {
    const server = await serve(silence, json(429, {}));
    const { info } = await failureOf(client(), async () => {
      const other = post(server.url, {});
      other.catch(() => {});
      await server.next();
      await successOf(await post(server.url, {}));
    });
    expect(info.started).toBe("maybe");
  });

  it.each([
    ["refused", "no", [], "no"],
    ["reset", "maybe", [], "maybe"],
    ["refused", "no", [200], "yes"],
    ["refused", "no", [401], "no"],
    ["refused", "no", [500], "maybe"],
  ] as const)("judges %s (started: %s) after %j as started: %s", async (failure, told, before, started) => {
    const statuses: number[] = [...before];
    const http: HttpClient = {
      async request() {
        const status = statuses.shift();
        if (status === undefined) throw new HttpError(failure, told, "the connection failed");
        return { status, headers: {}, body: once("") };
      },
    };
    const { info } = await failureOf(http, async () => {
      for (const _ of before) await post("https://vendor.example", {});
      await post("https://vendor.example", {});
    });
    expect(info.started).toBe(started);
  });
});

describe("credentials and hosts of requests", () => {
  it("appear in no message, whatever they look like", async () => {
    const said = "my-own-key at 127.0.0.1, or short_k";
    const server = await serve(json(400, { error: { message: said, code: "my-own-key" } }));
    const failure = await failureOf(client(), async () => {
      const headers = { "x-key": "my-own-key", authorization: "Key short_k" };
      return successOf(await gatewayFetch(server.url, { method: "POST", headers, body: "{}" }));
    });
    const shown = `${failure.message} ${JSON.stringify({ ...failure.info })}`;
    for (const secret of ["my-own-key", "short_k", "127.0.0.1"]) expect(shown).not.toContain(secret);
    expect(failure.fault).toBe("invalid_request");
  });

  it("appear in none, though they look like any other word", async () => {
    const network = fakeNetwork(400, '{"error":"renderbox does not like this"}');
    const failure = await failureOf(network, async () => successOf(await post("http://renderbox", {})));
    expect(failure.message).toBe("[redacted] does not like this");
  });
});
