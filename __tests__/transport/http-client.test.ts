import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";

import axios from "axios";

import { forEach } from "../../lib/internal/supply";
import { HttpError, type HttpRequest, type HttpResponse } from "../../lib/ports/http-client";
import { type ClosableHttpClient, createHttpClient } from "../../lib/transport/http-client";
import type { HttpLimits } from "../../lib/transport/limits";
import { answer, json, type Reply, raw, silence, type Upstream, upstream } from "../support/upstream";

const open: { close(): unknown }[] = [];
/** Which way requests go. */
let bulk = false;

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function client(limits: Partial<HttpLimits> = {}): ClosableHttpClient {
  const made = createHttpClient(limits);
  open.push(made);
  return made;
}

async function serve(...script: [Reply, ...Reply[]]): Promise<Upstream> {
  const server = await upstream(...script);
  open.push(server);
  return server;
}

/** A listener below HTTP. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url, signal: new AbortController().signal, maxBytes: 1_000_000, bulk, ...more };
}

/** A library may know its connection as free a moment later. */
async function turn(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

type ForEach = (
  body: AsyncIterable<Uint8Array>,
  use: (piece: Uint8Array) => Promise<void> | undefined,
) => Promise<void>;

const readers = {
  "piece by piece": async (body, use) => {
    for await (const piece of body) await use(piece);
  },
  "as it is at hand": forEach,
} satisfies Record<string, ForEach>;

async function failure(work: Promise<unknown>): Promise<HttpError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  );
  if (!HttpError.is(error)) throw new Error(`no HttpError but ${inspect(error)}`);
  return error;
}

describe.each([
  ["axios", "piece by piece"],
  ["undici", "piece by piece"],
  ["undici", "as it is at hand"],
] as const)("over %s, read %s", (library, reader) => {
  const each: ForEach = readers[reader];

  async function read({ body }: HttpResponse): Promise<string> {
    const chunks: Uint8Array[] = [];
    await each(body, (chunk) => void chunks.push(chunk));
    return Buffer.concat(chunks).toString();
  }

  /** Fails in the body: the headers must have come. */
  async function bodyFailure(work: Promise<HttpResponse>): Promise<HttpError> {
    const response = await work;
    return failure(read(response));
  }

  beforeAll(async () => {
    bulk = library === "undici";
    // Loaded with its first request: that would count where milliseconds are counted.
    const server = await serve(json(200, {}));
    await client().request(get(server.url)).then(read);
  });

  describe("createHttpClient", () => {
    it("sends method, headers and body and gives back status, headers and body", async () => {
      const server = await serve(answer(201, "made", { "X-One": "1" }));
      const response = await client().request(
        get(`${server.url}/a/b?c=%20d`, { method: "POST", headers: { "X-Two": "2" }, body: "grüße" }),
      );

      expect(response.status).toBe(201);
      expect(response.headers["x-one"]).toBe("1");
      expect(await read(response)).toBe("made");
      const [seen] = server.requests;
      expect(seen?.method).toBe("POST");
      expect(seen?.path).toBe("/a/b?c=%20d");
      expect(seen?.headers).toMatchObject({
        "x-two": "2",
        "accept-encoding": "identity",
        "content-length": "7",
      });
      expect(seen?.headers["content-type"]).toBeUndefined();
      expect(seen?.body.toString()).toBe("grüße");
    });

    it("asks anew of an address that was given as an object and has changed", async () => {
      const server = await serve(json(200, {}));
      const address = new URL(`${server.url}/a?page=1`);
      const http = client();
      for (const page of ["1", "2"]) {
        address.searchParams.set("page", page);
        const request = get("");
        Reflect.set(request, "url", address);
        await http.request(request).then(read);
      }
      expect(server.requests.map(({ path }) => path)).toEqual(["/a?page=1", "/a?page=2"]);
    });

    it("asks for an unencoded answer even if the adapter asks for another", async () => {
      const server = await serve(json(200, {}));
      await client()
        .request(get(server.url, { headers: { "Accept-Encoding": "gzip" } }))
        .then(read);
      expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
    });

    it.each([
      ["bytes", new Uint8Array(Buffer.from("xabcx").subarray(1, 4)), "3"],
      ["a view into a larger buffer", Buffer.from("xabcx").subarray(1, 4), "3"],
      [
        "a stream",
        (async function* () {
          yield Buffer.from("ab");
          yield Buffer.from("c");
        })(),
        undefined,
      ],
    ])("sends a body of %s", async (_name, body, length) => {
      const server = await serve(json(200, {}));
      await client()
        .request(get(server.url, { method: "POST", body }))
        .then(read);
      expect(server.requests[0]?.body.toString()).toBe("abc");
      expect(server.requests[0]?.headers["content-length"]).toBe(length);
    });

    it.each([301, 302, 307, 308])("gives a %i as the answer and does not follow it", async (status) => {
      const target = await serve(json(200, {}));
      const server = await serve(answer(status, "", { location: `${target.url}/stolen` }));
      const response = await client().request(get(server.url, { headers: { "api-key": "canary" } }));

      expect(response.status).toBe(status);
      expect(response.headers["location"]).toBe(`${target.url}/stolen`);
      await read(response);
      expect(target.connections()).toBe(0);
    });

    it("joins repeated headers and treats no name as special", async () => {
      const server = await serve(
        raw(
          "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n__proto__: c\r\nContent-Length: 0\r\n\r\n",
        ),
      );
      const { headers } = await client().request(get(server.url));
      expect(headers["x-a"]).toBe("1, 2");
      expect(headers["set-cookie"]).toBe("a, b");
      expect(Object.getPrototypeOf(headers)).toBeNull();
    });

    it("uses a connection again once a body is read, and not after a body that was left", async () => {
      const server = await serve(
        json(200, { a: 1 }),
        json(200, { a: 2 }),
        answer(200, "x".repeat(3_000_000)),
      );
      const http = client();
      await http.request(get(server.url)).then(read);
      await turn();
      await http.request(get(server.url)).then(read);
      expect(server.connections()).toBe(1);

      await turn();
      const left = await http.request(get(server.url, { maxBytes: 9_000_000 }));
      for await (const _chunk of left.body) break;
      await server.requests[2]?.gone;
      await http.request(get(server.url, { maxBytes: 9_000_000 })).then(read);
      expect(server.connections()).toBeGreaterThan(1);
    });

    it("knows on a used connection too that the request may have arrived", async () => {
      const server = await serve(json(200, {}), silence);
      const http = client({ connectMs: 2_000, firstByteMs: 60 });
      await http.request(get(server.url)).then(read);
      await turn();
      const error = await failure(http.request(get(server.url)));
      expect(error).toMatchObject({ failure: "first_byte_timeout", started: "maybe" });
      expect(server.connections()).toBe(1);
    });

    it("frees the connection of a body that is let go unread", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "stay"));
      const { body } = await client().request(get(server.url));
      await body[Symbol.asyncIterator]().return?.();
      await server.requests[0]?.gone;
    });

    it("takes no proxy from the environment", async () => {
      const proxy = await serve(json(200, {}));
      const server = await serve(json(200, {}));
      const before = { ...process.env };
      Object.assign(process.env, {
        HTTP_PROXY: proxy.url,
        http_proxy: proxy.url,
        NO_PROXY: "",
        no_proxy: "",
      });
      try {
        await client().request(get(server.url)).then(read);
      } finally {
        process.env = before;
      }
      expect(server.requests).toHaveLength(1);
      expect(proxy.connections()).toBe(0);
    });

    it("is not touched by what a host sets on axios", async () => {
      const server = await serve(json(200, {}));
      const interceptor = axios.interceptors.request.use(() => Promise.reject(new Error("the host's")));
      axios.defaults.headers.common["X-Host"] = "leaked";
      try {
        await client().request(get(server.url)).then(read);
      } finally {
        axios.interceptors.request.eject(interceptor);
        delete axios.defaults.headers.common["X-Host"];
      }
      expect(server.requests[0]?.headers["x-host"]).toBeUndefined();
    });

    it.each([
      ["a data: URL", "data:text/plain,hello"],
      ["a file: URL", "file:///etc/hostname"],
      ["an ftp: URL", "ftp://127.0.0.1/x"],
      ["user info", "http://user:secret@127.0.0.1/"],
      ["no URL", "/images"],
    ])("refuses %s before anything is sent", async (_name, url) => {
      const error = await failure(client().request(get(url)));
      expect(error).toMatchObject({ failure: "protocol", started: "no" });
    });

    it.each([
      ["a line break in a value", { "x-a": "1\r\nx-b: 2" }],
      ["a character beyond ASCII", { "x-a": "ü" }],
      ["a space in a name", { "x a": "1" }],
    ])("refuses a header with %s", async (_name, headers) => {
      const server = await serve(json(200, {}));
      const error = await failure(client().request(get(server.url, { headers })));
      expect(error).toMatchObject({ failure: "protocol", started: "no" });
      expect(server.connections()).toBe(0);
    });
  });

  describe("size", () => {
    it("cuts a body at its limit while it is read, and the connection with it", async () => {
      const server = await serve(answer(200, Buffer.alloc(60_000_000)));
      const response = await client().request(get(server.url, { maxBytes: 1_000_000 }));
      let bytes = 0;
      const reading = each(response.body, ({ byteLength }) => {
        bytes += byteLength;
        return undefined;
      });
      expect(await failure(reading)).toMatchObject({ failure: "too_large", started: "maybe" });
      expect(bytes).toBeLessThanOrEqual(1_000_000);
      await server.requests[0]?.gone;
    });

    it("takes a body of exactly the limit", async () => {
      const server = await serve(answer(200, "12345"));
      expect(
        await client()
          .request(get(server.url, { maxBytes: 5 }))
          .then(read),
      ).toBe("12345");
    });

    it("gives up on headers beyond 16 KB", async () => {
      const server = await serve(raw(`HTTP/1.1 200 OK\r\n${"X-Long: 1234567890\r\n".repeat(4000)}`, "stay"));
      const error = await failure(client().request(get(server.url)));
      expect(error).toMatchObject({ failure: "protocol", started: "maybe" });
      await server.requests[0]?.gone;
    });

    it.each([
      ["gzip", gzipSync("{}"), { "content-encoding": "gzip" }],
      ["200 stacked codings", Buffer.from("{}"), { "content-encoding": Array(200).fill("gzip").join(",") }],
      ["a coding of its own", Buffer.from("{}"), { "content-encoding": "x-private" }],
    ])("refuses an answer in %s", async (_name, body, headers) => {
      const server = await serve(answer(200, body, headers));
      const error = await failure(client().request(get(server.url)));
      expect(error).toMatchObject({ failure: "protocol", started: "maybe" });
      await server.requests[0]?.gone;
    });

    it.each([302, 400, 429, 503])(
      "gives status and headers of a compressed %i, without its body",
      async (status) => {
        const headers = { "content-encoding": "gzip", "retry-after": "7" };
        const server = await serve(answer(status, gzipSync("{}"), headers), json(200, {}));
        const http = client();
        const response = await http.request(get(server.url));
        expect([response.status, response.headers["retry-after"]]).toEqual([status, "7"]);
        expect(await read(response)).toBe("");
        expect(await http.request(get(server.url)).then(read)).toBe("{}");
      },
    );

    it("does not wait for the body of a compressed failure, and cuts its connection", async () => {
      const head = "HTTP/1.1 429 No\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\n";
      const server = await serve(raw(head, "stay"));
      const response = await client().request(get(server.url));
      await server.requests[0]?.gone;
      expect(await read(response)).toBe("");
    });

    it("refuses a compressed transfer coding", async () => {
      const server = await serve(
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
      );
      expect(await failure(client().request(get(server.url)))).toMatchObject({ failure: "protocol" });
    });

    it("takes the coding identity", async () => {
      const server = await serve(answer(200, "{}", { "content-encoding": "Identity" }));
      expect(await client().request(get(server.url)).then(read)).toBe("{}");
    });
  });

  describe("connections that fail", () => {
    it("says dns for a name that does not exist", async () => {
      const error = await failure(client().request(get("http://nowhere.invalid/")));
      expect(error).toMatchObject({ failure: "dns", started: "no" });
    });

    it("says refused for a closed port", async () => {
      const server = await upstream(silence);
      await server.close();
      expect(await failure(client().request(get(server.url)))).toMatchObject({
        failure: "refused",
        started: "no",
      });
    });

    it("says tls for a certificate that nobody vouches for, and sends nothing", async () => {
      const folder = join(__dirname, "../fixtures/tls");
      let requests = 0;
      const server = createTlsServer(
        { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) },
        () => {
          requests += 1;
        },
      );
      server.on("tlsClientError", () => {});
      const port = await listen(server);
      const error = await failure(
        client().request(get(`https://127.0.0.1:${port}/`, { headers: { "api-key": "k" } })),
      );
      expect(error).toMatchObject({ failure: "tls", started: "no" });
      expect(requests).toBe(0);
    });

    it("says tls for a server that does not speak it", async () => {
      const port = await listen(createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
      const error = await failure(client().request(get(`https://127.0.0.1:${port}/`)));
      expect(error).toMatchObject({ failure: "tls", started: "no" });
    });

    it("says reset for a handshake that is cut", async () => {
      const port = await listen(
        createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy())),
      );
      const error = await failure(client().request(get(`https://127.0.0.1:${port}/`)));
      expect(error).toMatchObject({ failure: "reset", started: "no" });
    });

    it("says connect_timeout for a handshake that never ends", async () => {
      const port = await listen(createTcpServer());
      const error = await failure(client({ connectMs: 40 }).request(get(`https://127.0.0.1:${port}/`)));
      expect(error).toMatchObject({ failure: "connect_timeout", started: "no" });
    });
  });

  describe("answers that fail", () => {
    it("says reset for a connection that ends before the headers", async () => {
      const server = await serve(raw("", "end"));
      expect(await failure(client().request(get(server.url)))).toMatchObject({
        failure: "reset",
        started: "maybe",
      });
    });

    it("says reset for a connection that breaks before the headers", async () => {
      const server = await serve(raw("HTTP/1.1 200", "reset"));
      expect(await failure(client().request(get(server.url)))).toMatchObject({
        failure: "reset",
        started: "maybe",
      });
    });

    it("says reset for an upgrade that nobody asked for", async () => {
      const server = await serve(
        raw("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "stay"),
      );
      expect(await failure(client().request(get(server.url)))).toMatchObject({
        failure: "reset",
        started: "maybe",
      });
    });

    it("says protocol for what is not HTTP", async () => {
      const server = await serve(raw("SSH-2.0-OpenSSH_9.6\r\n", "stay"));
      expect(await failure(client().request(get(server.url)))).toMatchObject({
        failure: "protocol",
        started: "maybe",
      });
    });

    it.each<[string, string]>([
      ["a body shorter than its Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"],
      ["chunks without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
    ])("says truncated for %s", async (_name, bytes) => {
      const server = await serve(raw(bytes, "end"));
      const error = await bodyFailure(client().request(get(server.url)));
      expect(error).toMatchObject({ failure: "truncated", started: "maybe" });
    });

    it("says that a connection broke in the body", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "reset"));
      const error = await failure(client().request(get(server.url)).then(read));
      // Which one it is depends on whether the system delivers the reset before the end.
      expect(["reset", "truncated"]).toContain(error.failure);
      expect(error.started).toBe("maybe");
    });

    it("says protocol for a chunk without a length", async () => {
      const server = await serve(
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n", "stay"),
      );
      const outcome = await failure(client().request(get(server.url)).then(read));
      expect(outcome).toMatchObject({ failure: "protocol", started: "maybe" });
    });

    it("gives no byte beyond the Content-Length", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}[]more"));
      expect(await client().request(get(server.url)).then(read)).toBe("{}[]");
    });

    it("reads a body of HTTP/1.0 to the end of its connection", async () => {
      const server = await serve(raw("HTTP/1.0 200 OK\r\n\r\nall of it"));
      expect(await client().request(get(server.url)).then(read)).toBe("all of it");
    });

    it("says protocol when the request's own body cannot be read, and lets go of its source", async () => {
      const server = await serve(silence);
      let released = false;
      async function* source() {
        try {
          yield Buffer.from("a");
          throw new Error("canary-path");
        } finally {
          released = true;
        }
      }
      const error = await failure(client().request(get(server.url, { method: "POST", body: source() })));
      expect(error.failure).toBe("protocol");
      expect(inspect(error)).not.toContain("canary-path");
      expect(released).toBe(true);
    });
  });

  describe("time", () => {
    it("says write_timeout for an upstream that does not take the request", async () => {
      const port = await listen(createTcpServer((socket) => socket.pause()));
      const error = await failure(
        client({ writeMs: 60 }).request(
          get(`http://127.0.0.1:${port}/`, { method: "POST", body: Buffer.alloc(50_000_000) }),
        ),
      );
      expect(error).toMatchObject({ failure: "write_timeout", started: "maybe" });
    });

    it("says first_byte_timeout for headers that never come, also if they drip", async () => {
      const dripping: Reply = (_request, { socket }) => {
        socket?.write("HTTP/1.1 200 OK\r\nX-Drip: ");
        const timer = setInterval(() => socket?.write("x"), 10);
        socket?.once("close", () => clearInterval(timer));
      };
      const server = await serve(silence, dripping);
      const http = client({ firstByteMs: 60 });
      for (let call = 0; call < 2; call += 1) {
        const error = await failure(http.request(get(server.url)));
        expect(error).toMatchObject({ failure: "first_byte_timeout", started: "maybe" });
        await server.requests[call]?.gone;
      }
    });

    it("says idle_timeout for a body that stops", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "stay"));
      const error = await bodyFailure(client({ idleMs: 40 }).request(get(server.url)));
      expect(error).toMatchObject({ failure: "idle_timeout", started: "maybe" });
      await server.requests[0]?.gone;
    });

    it("waits for the events of a stream as long as for the first byte of another answer", async () => {
      const head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nContent-Length: 100\r\n\r\n";
      const server = await serve(raw(`${head}half`, "stay"));
      const begun = performance.now();
      const error = await bodyFailure(client({ idleMs: 1, firstByteMs: 400 }).request(get(server.url)));
      expect(error).toMatchObject({ failure: "idle_timeout" });
      expect(performance.now() - begun).toBeGreaterThan(300);
      await server.requests[0]?.gone;
    });

    it("says total_timeout for a body that drips", async () => {
      const dripping: Reply = (_request, response) => {
        const timer = setInterval(() => response.write("."), 10);
        response.once("close", () => clearInterval(timer));
      };
      const server = await serve(dripping);
      const error = await bodyFailure(client({ idleMs: 2_000, totalMs: 500 }).request(get(server.url)));
      expect(error).toMatchObject({ failure: "total_timeout", started: "maybe" });
      await server.requests[0]?.gone;
    });

    it("does not count the time in which nobody reads", async () => {
      const rest = Buffer.alloc(2_000_000, "x");
      const server = await serve((_request, response) => {
        response.writeHead(200, { "content-length": rest.length + 1 });
        response.write("a");
        response.end(rest);
      });
      const response = await client({ idleMs: 300, totalMs: 600 }).request(
        get(server.url, { maxBytes: 4_000_000 }),
      );
      const chunks = response.body[Symbol.asyncIterator]();
      await chunks.next();
      const limit = new Promise((resolve) => setTimeout(resolve, 700));
      await limit;
      let bytes = 0;
      for (let next = await chunks.next(); !next.done; next = await chunks.next())
        bytes += next.value.byteLength;
      expect(bytes).toBeGreaterThan(1_900_000);
    });

    it("does not count the time in which a piece is used", async () => {
      const server = await serve(answer(200, Buffer.alloc(130_000)));
      const { body } = await client({ idleMs: 300, totalMs: 600 }).request(
        get(server.url, { maxBytes: 1_000_000 }),
      );
      let bytes = 0;
      await each(body, async ({ byteLength }) => {
        bytes += byteLength;
        await new Promise((resolve) => setTimeout(resolve, 350));
      });
      expect(bytes).toBe(130_000);
    });

    it("leaves no timer behind", async () => {
      const set = jest.spyOn(globalThis, "setTimeout");
      const clear = jest.spyOn(globalThis, "clearTimeout");
      try {
        const server = await serve(json(200, { a: 1 }), raw("", "end"));
        const http = client({
          connectMs: 43_210,
          firstByteMs: 43_210,
          writeMs: 43_210,
          idleMs: 43_210,
          totalMs: 43_210,
        });
        await http.request(get(server.url)).then(read);
        await failure(http.request(get(server.url)));
        const ours = set.mock.calls.flatMap(([, ms], call) =>
          // What is left of a limit, give or take a rounding.
          ms && ms > 30_000 && ms < 43_211 ? [call] : [],
        );
        expect(ours.length).toBeGreaterThan(0);
        const cleared = clear.mock.calls.map(([timer]) => timer);
        for (const call of ours) expect(cleared).toContain(set.mock.results[call]?.value);
      } finally {
        set.mockRestore();
        clear.mockRestore();
      }
    });

    it("refuses a limit that is no duration, by name", () => {
      expect(() => createHttpClient({ idleMs: 0 })).toThrow(/limits\.idleMs is 0: give whole milliseconds/);
      expect(() => createHttpClient({ totalMs: Number.NaN })).toThrow(/limits\.totalMs/);
    });
  });

  describe("abort", () => {
    const within = async <T>(work: Promise<T>): Promise<T> => {
      const started = performance.now();
      const outcome = await work;
      expect(performance.now() - started).toBeLessThan(1_000);
      return outcome;
    };

    it("ends a request that has not begun", async () => {
      const server = await serve(json(200, {}));
      const error = await failure(client().request(get(server.url, { signal: AbortSignal.abort() })));
      expect(error).toMatchObject({ failure: "aborted", started: "no" });
      expect(server.connections()).toBe(0);
    });

    it("ends a request in the handshake", async () => {
      const server = createTcpServer();
      const port = await listen(server);
      const controller = new AbortController();
      const work = client().request(get(`https://127.0.0.1:${port}/`, { signal: controller.signal }));
      const connected = once(server, "connection");
      const failed = failure(work);
      await connected;
      controller.abort();
      expect(await within(failed)).toMatchObject({ failure: "aborted", started: "no" });
    });

    it("ends a request that waits for its answer, and the connection with it", async () => {
      const server = await serve(silence);
      const controller = new AbortController();
      const failed = failure(client().request(get(server.url, { signal: controller.signal })));
      const seen = await server.next();
      controller.abort(new Error("canary-reason"));
      const error = await within(failed);
      expect(error).toMatchObject({ failure: "aborted", started: "maybe" });
      expect(inspect(error)).not.toContain("canary-reason");
      await seen.gone;
    });

    it("lets go of what the request's body is read from", async () => {
      const server = await serve(silence);
      const controller = new AbortController();
      let pulled = () => {};
      const pulling = new Promise<void>((resolve) => {
        pulled = resolve;
      });
      let released = false;
      const source: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({
          next() {
            pulled();
            return new Promise(() => {});
          },
          async return() {
            released = true;
            return { done: true, value: undefined };
          },
        }),
      };
      const request = get(server.url, { method: "POST", body: source, signal: controller.signal });
      const failed = failure(client().request(request));
      await pulling;
      controller.abort();
      expect(await within(failed)).toMatchObject({ failure: "aborted" });
      expect(released).toBe(true);
    });

    it("ends a body that is being read", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "stay"));
      const controller = new AbortController();
      const response = await client().request(get(server.url, { signal: controller.signal }));
      const failed = failure(read(response));
      controller.abort();
      expect(await within(failed)).toMatchObject({ failure: "aborted", started: "maybe" });
      await server.requests[0]?.gone;
    });

    it("ends a body that nobody reads", async () => {
      const server = await serve(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "stay"));
      const controller = new AbortController();
      const response = await client().request(get(server.url, { signal: controller.signal }));
      controller.abort();
      await server.requests[0]?.gone;
      expect(await failure(read(response))).toMatchObject({ failure: "aborted" });
    });

    it("leaves no listener on a signal that outlives its requests", async () => {
      const server = await serve(json(200, {}), raw("", "end"));
      const { signal } = new AbortController();
      let listeners = 0;
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...of: Parameters<typeof addEventListener>) => {
        listeners += 1;
        addEventListener.apply(signal, of);
      };
      signal.removeEventListener = (...of: Parameters<typeof removeEventListener>) => {
        listeners -= 1;
        removeEventListener.apply(signal, of);
      };
      const http = client();
      const whole = await http.request(get(server.url, { signal }));
      expect(listeners).toBe(1);
      await read(whole);
      expect(listeners).toBe(0);
      await failure(http.request(get(server.url, { signal })));
      expect(listeners).toBeLessThanOrEqual(0);
    });
  });

  describe("close", () => {
    it("cuts what is under way and refuses what comes later", async () => {
      const server = await serve(silence);
      const http = createHttpClient();
      const failed = failure(http.request(get(server.url)));
      const seen = await server.next();
      http.close();
      http.close();
      expect(await failed).toMatchObject({ failure: "reset", started: "maybe" });
      await seen.gone;
      expect(await failure(http.request(get(server.url)))).toMatchObject({
        failure: "aborted",
        started: "no",
      });
    });
  });

  describe("what is thrown", () => {
    it("holds no key, no prompt and no address", async () => {
      const canaries = ["canary-key", "canary-prompt", "canary-path", "127.0.0.1"];
      const server = await serve(
        raw("", "end"),
        raw("HTTP/1.1 200 OK\r\n\r\x00", "end"),
        answer(200, "canary-body", { "content-encoding": "gzip" }),
        silence,
      );
      const closed = await upstream(silence);
      await closed.close();
      const http = client({ firstByteMs: 40 });
      const targets = [
        server.url,
        server.url,
        server.url,
        server.url,
        closed.url,
        `https://127.0.0.1:${server.port}`,
      ];
      for (const url of targets) {
        const error = await failure(
          http.request(
            get(`${url}/canary-path?canary-path`, {
              method: "POST",
              headers: { authorization: "Bearer canary-key", "api-key": "canary-key" },
              body: JSON.stringify({ prompt: "canary-prompt" }),
            }),
          ),
        );
        const text = `${JSON.stringify(error)}${error.message}${inspect({ ...error })}${inspect(error, { depth: 9, showHidden: true })}`;
        for (const canary of [...canaries, "canary-body"]) expect(text).not.toContain(canary);
      }
    });
  });
});
