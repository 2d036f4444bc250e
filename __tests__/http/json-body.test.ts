import { PassThrough } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

import express, { type RequestHandler } from "express";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { scriptedProvider } from "../support/scripted-provider";
import { bodyOf, exchange, postHead, rawClient } from "./raw";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const BODY = JSON.stringify(PROMPT);

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${host.url}/v1/images/generations`, {
    method: "POST",
    headers: { authorization: "Bearer sk-ann", "content-type": "application/json", ...headers },
    body,
  });
const outcome = async (sent: Promise<Response>): Promise<string> => {
  const answer = await sent;
  const body = await jsonOf(answer);
  return answer.status === 200 ? "200" : `${answer.status} ${body.error.code}`;
};

describe("encodings", () => {
  const PACKED = [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const;

  it.each(PACKED)("reads %s", async (encoding, pack) => {
    await start();
    expect(await outcome(post(pack(BODY), { "content-encoding": encoding }))).toBe("200");
    expect(await outcome(post(pack(BODY), { "content-encoding": ` ${encoding.toUpperCase()}` }))).toBe("200");
  });

  it.each(PACKED)("stops a %s bomb at the limit of inflated bytes", async (encoding, pack) => {
    await start();
    const bomb = pack(Buffer.alloc(50 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(256 * 1024);
    expect(await outcome(post(bomb, { "content-encoding": encoding }))).toBe("413 request_too_large");
  });

  it.each(PACKED)("says 400 to broken and to cut %s", async (encoding, pack) => {
    await start();
    const headers = { "content-encoding": encoding };
    expect(await outcome(post("not packed at all", headers))).toBe("400 invalid_request");
    expect(await outcome(post(pack(BODY).subarray(0, 20), headers))).toBe("400 invalid_request");
  });

  it.each([
    ["a bomb", "gzip", gzipSync(Buffer.alloc(1024 * 1024, 0x20))],
    ["a plain body that is too large", "identity", Buffer.alloc(1024 * 1024, 0x20)],
  ])("answers %s whose sender goes on, and serves the connection's next request", async (_, coding, body) => {
    await start();
    const client = await rawClient(host.url);
    client.socket.write(
      postHead(`Content-Encoding: ${coding}`, "Transfer-Encoding: chunked").replace(
        "Connection: close\r\n",
        "",
      ),
    );
    client.socket.write(`${body.length.toString(16)}\r\n`);
    client.socket.write(body);
    client.socket.write("\r\n");
    await client.until("request_too_large");
    client.socket.write("5\r\nmore!\r\n0\r\n\r\n");
    client.socket.write("GET /v1/images/jobs HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("invalid_api_key");
    client.socket.destroy();
  });

  it.each(["identity, gzip", "gzip, gzip", "zstd", "x"])("refuses '%s'", async (encoding) => {
    await start();
    expect(await outcome(post(BODY, { "content-encoding": encoding }))).toBe("415 unsupported_media_type");
  });

  it.each([
    ["application/json; charset=UTF-8", "200"],
    ['Application/JSON;charset="utf-8"', "200"],
    ["application/json; charset=utf-7", "415 unsupported_media_type"],
    ["application/json; charset=latin1", "415 unsupported_media_type"],
    ["application/jsonx", "415 unsupported_media_type"],
    ["text/plain", "415 unsupported_media_type"],
    ["multipart/form-data; boundary=x", "415 unsupported_media_type"],
    ["", "415 unsupported_media_type"],
  ])("answers Content-Type '%s' with %s", async (type, expected) => {
    await start();
    expect(await outcome(post(BODY, { "content-type": type }))).toBe(expected);
  });

  it("skips a byte order mark and refuses bytes that are not UTF-8", async () => {
    await start();
    expect(await outcome(post(`\uFEFF${BODY}`))).toBe("200");
    const broken = Buffer.from(BODY.replace("red", "r\u00e9d"), "latin1");
    expect(await outcome(post(broken))).toBe("400 invalid_json");
    expect(await outcome(post(Buffer.from(BODY, "utf16le")))).toBe("400 invalid_json");
  });
});

describe("shapes", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const withKeys = (count: number) =>
    JSON.stringify({
      ...PROMPT,
      ...Object.fromEntries(Array.from({ length: count - 2 }, (_, at) => [`k${at}`, 1])),
    });

  it.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["half an object", '{"model":"a",'],
    ["two values", `${BODY}${BODY}`],
    ["NaN", '{"n":NaN}'],
    ["100,000 brackets", nested(100_000)],
    ["100,000 open brackets", "[".repeat(100_000)],
    ["33 levels", `{"model":"test-model","prompt":"a","x":${nested(32)}}`],
    ["129 keys", withKeys(129)],
    ["129 keys further down", JSON.stringify({ ...PROMPT, x: [JSON.parse(withKeys(129))] })],
  ])("refuses %s as invalid_json", async (_title, body) => {
    await start();
    expect(await outcome(post(body))).toBe("400 invalid_json");
  });

  it.each(["[]", "null", "7", '"text"', "true"])("refuses %s, which is JSON but no object", async (body) => {
    await start();
    expect(await outcome(post(body))).toBe("400 invalid_type");
  });

  it("takes 32 levels and 128 keys", async () => {
    await start();
    expect(await outcome(post(`{"model":"test-model","prompt":"a","x":${nested(31)}}`))).toBe("200");
    expect(await outcome(post(withKeys(128)))).toBe("200");
  });

  it("treats names of Object.prototype as names of unknown fields", async () => {
    const provider = scriptedProvider();
    await start({ providers: [provider] });
    const body = `{"model":"test-model","prompt":"a","__proto__":{"n":4,"polluted":true},"constructor":{"prototype":{"polluted":true}}}`;
    expect(await outcome(post(body))).toBe("200");
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(provider.calls[0]).toMatchObject({ n: 1 });
    expect(await outcome(post('{"__proto__":{"model":"test-model","prompt":"a"}}'))).toBe(
      "400 missing_required_parameter",
    );
    expect(await outcome(post('{"model":"__proto__","prompt":"a"}'))).toBe("404 model_not_found");
  });

  it("refuses half a surrogate pair in a prompt and survives one everywhere else", async () => {
    await start();
    expect(await outcome(post('{"model":"test-model","prompt":"\\ud800"}'))).toBe("400 invalid_value");
    expect(await outcome(post('{"model":"\\ud800","prompt":"a"}'))).toBe("404 model_not_found");
    expect(await outcome(post('{"model":"test-model","prompt":"a","\\udfff":1}'))).toBe("200");
  });

  it("counts the limit of `limits.bodyBytes` exactly, with a length and without", async () => {
    await start({ options: { limits: { bodyBytes: 1024 } } });
    const exact = BODY.padEnd(1024);
    expect(await outcome(post(exact))).toBe("200");
    expect(await outcome(post(`${exact} `))).toBe("413 request_too_large");
    const chunked = (text: string) =>
      exchange(
        host.url,
        postHead("Transfer-Encoding: chunked"),
        `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
      );
    expect(await chunked(exact)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await chunked(`${exact} `)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("parsers of the host before us", () => {
  const behind = (middleware: RequestHandler): HostSetup => ({
    before: (app) => void app.use(middleware),
  });

  it("accepts what express.json() has read, with the same limits of shape", async () => {
    await start(behind(express.json({ limit: "1mb" })));
    expect(await outcome(post(BODY))).toBe("200");
    expect(await outcome(post(gzipSync(BODY), { "content-encoding": "gzip" }))).toBe("200");
    expect(
      await outcome(post(`{"model":"test-model","prompt":"a","x":${"[".repeat(40)}${"]".repeat(40)}}`)),
    ).toBe("400 invalid_json");
    expect(await outcome(post("{}"))).toBe("400 missing_required_parameter");
  });

  it("does not take what express.json() leaves in req.body for a body of another type", async () => {
    await start(behind(express.json()));
    expect(await outcome(post("a=1", { "content-type": "application/x-www-form-urlencoded" }))).toBe(
      "415 unsupported_media_type",
    );
    expect(await outcome(post("", { "content-length": "0" }))).toMatch(/^400 /);
  });

  it.each([
    ["express.text()", express.text({ type: "*/*" })],
    ["express.raw()", express.raw({ type: "*/*" })],
    ["express.raw() with inflation", express.raw({ type: "application/json", inflate: true })],
  ])("accepts what %s has read", async (_title, parser) => {
    await start(behind(parser));
    expect(await outcome(post(BODY))).toBe("200");
    expect(await outcome(post(gzipSync(BODY), { "content-encoding": "gzip" }))).toBe("200");
    expect(await outcome(post("{"))).toBe("400 invalid_json");
  });

  it.each<[string, RequestHandler]>([
    ["has paused", (req, _res, next) => void next(req.pause())],
    ["has piped and unpiped", (req, _res, next) => void next(req.unpipe(req.pipe(new PassThrough())))],
    [
      "waits for as readable",
      (req, _res, next) => void req.once("readable", () => next()).on("readable", () => {}),
    ],
  ])("reads a body whose stream a middleware %s", async (_title, middleware) => {
    await start(behind((req, res, next) => middleware(req, res, () => next())));
    expect(await outcome(post(BODY))).toBe("200");
    expect(await outcome(post(gzipSync(BODY), { "content-encoding": "gzip" }))).toBe("200");
  });

  it.each<[string, RequestHandler]>([
    ["has read", (req, _res, next) => void req.on("end", next).resume()],
    ["makes text of", (req, _res, next) => void next(void req.setEncoding("utf8"))],
  ])("says 500 to a body that a middleware %s without leaving it", async (_title, middleware) => {
    await start(behind(middleware));
    expect(await outcome(post(BODY))).toBe("500 body_already_consumed");
  });

  it("says 415 to a multipart body that was consumed", async () => {
    await start(behind((req, _res, next) => void req.on("end", next).resume()));
    const form = new FormData();
    form.set("prompt", "a");
    const answer = await fetch(`${host.url}/v1/images/generations`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann" },
      body: form,
    });
    expect(answer.status).toBe(415);
  });

  it("tells the operator, not the caller, how to mend a body that is gone", async () => {
    await start(behind((req, _res, next) => void req.on("end", next).resume()));
    const answer = await post(BODY);
    expect(answer.status).toBe(500);
    expect(await jsonOf(answer)).toEqual({
      error: {
        message: "The server read the request body before it could be used.",
        type: "server_error",
        param: null,
        code: "body_already_consumed",
      },
    });
    expect(host.log.filter(({ level }) => level === "error")).toEqual([
      { level: "error", about: {}, message: expect.stringContaining("mount the router before") },
    ]);
  });
});

describe("on the wire", () => {
  it("answers a body shorter than its Content-Length once the client stops sending", async () => {
    const provider = scriptedProvider();
    await start({ providers: [provider] });
    const client = await rawClient(host.url);
    client.socket.end(postHead(`Content-Length: ${BODY.length + 10}`) + BODY);
    expect(await client.over()).toMatch(/^HTTP\/1\.1 400 /);
    expect(provider.calls).toHaveLength(0);
    client.socket.destroy();
  });

  it("reads no further than Content-Length: what follows is the next request", async () => {
    await start();
    const client = await rawClient(host.url);
    const head = postHead(`Content-Length: ${BODY.length}`).replace("Connection: close\r\n", "");
    client.socket.write(`${head}${BODY}GET /v1/images/jobs HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answers = await client.until("invalid_api_key");
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 401"]);
    client.socket.destroy();
  });

  it("forgets a client that resets in the middle of its body, without a word in the log", async () => {
    const provider = scriptedProvider();
    let closed: () => void = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    let isReading: () => void = () => {};
    const reading = new Promise<void>((resolve) => {
      isReading = resolve;
    });
    await start({
      providers: [provider],
      before: (app) =>
        app.use((req, res, next) => {
          res.once("close", closed);
          req.once("readable", isReading);
          next();
        }),
    });
    const client = await rawClient(host.url);
    client.socket.write(postHead(`Content-Length: ${BODY.length}`) + BODY.slice(0, 10));
    await reading;
    client.socket.resetAndDestroy();
    await isClosed;
    expect((await generate(host, PROMPT)).status).toBe(200);
    expect(provider.calls).toHaveLength(1);
    expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("lets a client that asks for 100-continue have its answer", async () => {
    await start();
    const client = await rawClient(host.url);
    client.socket.write(postHead("Expect: 100-continue", `Content-Length: ${BODY.length}`));
    await client.until("HTTP/1.1 100 Continue\r\n\r\n");
    client.socket.write(BODY);
    const answer = await client.over();
    expect(answer).toContain("HTTP/1.1 200 OK\r\n");
    expect(bodyOf(answer.slice(answer.indexOf("HTTP/1.1 200"))).data).toHaveLength(1);
    client.socket.destroy();
  });
});
