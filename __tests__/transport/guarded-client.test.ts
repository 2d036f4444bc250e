import { once } from "node:events";
import { createServer } from "node:net";

import { type HttpClient, HttpError, type HttpResponse } from "../../lib/ports/http-client";
import { guardedAgents, type ResolvedAddress } from "../../lib/transport/guarded-agents";
import { createGuardedClient, type GuardedClientOptions } from "../../lib/transport/guarded-client";
import { answer, json, type Reply, silence, type Upstream, upstream } from "../support/upstream";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function client(options: GuardedClientOptions = {}): HttpClient {
  const made = createGuardedClient(options);
  open.push(made);
  return made;
}

async function serve(...script: [Reply, ...Reply[]]): Promise<Upstream> {
  const server = await upstream(...script);
  open.push(server);
  return server;
}

function get(http: HttpClient, url: string, headers: Record<string, string> = {}): Promise<HttpResponse> {
  return http.request({ method: "GET", url, headers, signal: AbortSignal.timeout(10_000), maxBytes: 1_000 });
}

async function read({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failure(work: Promise<unknown>): Promise<HttpError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason) => reason,
  );
  if (!HttpError.is(error)) throw new Error(`no HttpError but ${String(error)}`);
  return error;
}

const resolving =
  (...addresses: string[]) =>
  async (): Promise<ResolvedAddress[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

/** Ways to write an address that leads inside; `{port}` is where the listener listens. */
const HOSTILE = [
  "http://127.0.0.1:{port}/",
  "http://127.0.0.1/",
  "https://127.0.0.1/",
  "http://127.1/",
  "http://127.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0x7f.1/",
  "http://0x7f.0x0.0x0.0x1/",
  "http://0177.0.0.1/",
  "http://017700000001/",
  "http://0177.0x0.1/",
  "http://127.0.0.1./",
  "http://127。0。0。1/",
  "http://①②⑦.⓪.⓪.①/",
  "http://127.0.0.1/",
  "http://%31%32%37.0.0.1/",
  "http://%6cocalhost/",
  "http://ⓛocalhost/",
  "http://localhost/",
  "http://LOCALHOST/",
  "http://localhost./",
  "http://localhost../",
  "http://localhost:{port}/",
  "http://a.localhost/",
  "http://a.b.localhost./",
  "http://printer.local/",
  "http://db.internal/",
  "http://metadata.google.internal/computeMetadata/v1/",
  "http://metadata.google.internal./",
  "http://router.home.arpa/",
  "http://localhost.localdomain/",
  "http://internal/",
  "http://0/",
  "http://0.0.0.0/",
  "http://00000/",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://192.168.0.1/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://2852039166/",
  "http://0xa9fea9fe/",
  "http://168.63.129.16/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://198.18.0.1/",
  "http://[::]/",
  "http://[::1]/",
  "http://[::1]:{port}/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://[::127.0.0.1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[0:0:0:0:0:ffff:127.0.0.1]/",
  "http://[::ffff:169.254.169.254]/",
  "http://[::ffff:0:127.0.0.1]/",
  "http://[64:ff9b::127.0.0.1]/",
  "http://[64:ff9b:1::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://[2001:0:7f00:1::]/",
  "http://[fe80::1]/",
  "http://[fc00::1]/",
  "http://[fd00:ec2::254]/",
  "http://[fec0::1]/",
  "http://[ff02::1]/",
  "http://[fe80::1%25eth0]/",
  "http://user@1.1.1.1/",
  "http://user:password@1.1.1.1/",
  "http://:password@1.1.1.1/",
  "http://1.1.1.1@127.0.0.1/",
  "http://127.0.0.1:{port}#@1.1.1.1/",
  "http://127.0.0.1:{port}\\@1.1.1.1/",
  "http:\\\\127.0.0.1/",
  "http:127.0.0.1",
  "http:///127.0.0.1",
  "http://1.1.1.1:{port}/",
  "http://1.1.1.1:22/",
  "http://1.1.1.1:8080/",
  "https://1.1.1.1:8443/",
  "http://example.com:6379/",
  "file:///etc/passwd",
  "file://127.0.0.1/etc/passwd",
  "data:text/plain,hello",
  "gopher://127.0.0.1:{port}/_GET",
  "ftp://127.0.0.1/",
  "ws://127.0.0.1:{port}/",
  "blob:http://127.0.0.1:{port}/x",
  "javascript:alert(1)",
  "unix:/var/run/docker.sock",
  "//127.0.0.1/",
  "/v1/images",
  "127.0.0.1",
  "",
  "http://",
  "http://1.1.1.1:99999/",
  "http://256.256.256.256/",
  "http://exa mple.com/",
  "\thttp://127.0.0.1/",
  "http://127.0.0.1\t/",
];

describe("createGuardedClient", () => {
  let inside: Upstream;
  let resolved: string[];
  let http: HttpClient;

  beforeEach(async () => {
    inside = await serve(json(200, { secret: true }));
    resolved = [];
    http = client({
      resolve: async (name) => {
        resolved.push(name);
        return [{ address: "127.0.0.1", family: 4 }];
      },
    });
  });

  it("is tested with enough addresses", () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
  });

  it.each(HOSTILE)("does not fetch %s", async (template) => {
    const error = await failure(get(http, template.replace("{port}", String(inside.port))));
    expect(error).toMatchObject({ failure: "blocked", started: "no" });
    expect(inside.connections()).toBe(0);
    expect(resolved).toEqual([]);
  });

  it.each([
    ["one private address", ["127.0.0.1"]],
    ["a public and a private address", ["1.1.1.1", "10.0.0.1"]],
    ["a public IPv4 and a private IPv6 address", ["1.1.1.1", "::1"]],
    ["a mapped address", ["::ffff:127.0.0.1"]],
    ["something that is no address", ["localhost"]],
    ["no address", []],
  ])("does not connect to a name with %s", async (_name, addresses) => {
    const guarded = client({ resolve: resolving(...addresses) });
    const error = await failure(get(guarded, "http://cdn.example.com/a.png"));
    expect(error).toMatchObject({ failure: "blocked", started: "no" });
  });

  it("asks for each name once per connection, so that a second answer cannot differ", async () => {
    let asked = 0;
    const guarded = client({
      resolve: async () => {
        asked += 1;
        return [{ address: asked === 1 ? "127.0.0.1" : "1.1.1.1", family: 4 }];
      },
    });
    expect(await failure(get(guarded, "http://rebinding.example.com/"))).toMatchObject({
      failure: "blocked",
    });
    expect(asked).toBe(1);
  });

  it("says dns for a name without an address", async () => {
    const guarded = client({
      resolve: async () => {
        throw Object.assign(new Error("queryA canary.example.com"), { code: "ENOTFOUND" });
      },
    });
    const error = await failure(get(guarded, "http://canary.example.com/"));
    expect(error).toMatchObject({ failure: "dns", started: "no" });
    expect(error.message).not.toContain("canary");
  });

  it("judges the peer too, and sends it nothing", async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on("data", (bytes) => received.push(bytes));
      socket.on("error", () => {});
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");

    const closed = once(server, "connection").then(([socket]) => once(socket, "close"));
    const agents = guardedAgents(() => false, resolving("1.1.1.1"));
    // A literal is never looked up: only the judgement of the peer is left.
    const socket = agents.http.createConnection({ host: "127.0.0.1", port: address.port });
    socket?.write("GET / HTTP/1.1\r\n\r\n");
    const [error] = await once(socket ?? server, "error");
    expect(error).toMatchObject({ failure: "blocked" });
    await closed;
    expect(Buffer.concat(received).toString()).toBe("");
    server.close();
  });

  it("refuses every method but GET", async () => {
    const { port } = inside;
    const trusting = client({ allow: [`127.0.0.1:${port}`] });
    const { signal } = new AbortController();
    const error = await failure(trusting.request({ method: "POST", url: inside.url, signal, maxBytes: 1 }));
    expect(error).toMatchObject({ failure: "blocked", started: "no" });
    expect(inside.connections()).toBe(0);
  });
});

describe("hosts that the operator vouches for", () => {
  it("are fetched, without any credential", async () => {
    const server = await serve(answer(200, "picture"));
    const http = client({ allow: [`127.0.0.1:${server.port}`] });
    const response = await get(http, `${server.url}/a.png?b=c`, {
      authorization: "Bearer canary",
      "api-key": "canary",
      cookie: "canary",
      accept: "image/*",
    });
    expect(await read(response)).toBe("picture");
    const [seen] = server.requests;
    expect(seen?.path).toBe("/a.png?b=c");
    expect(seen?.headers["accept"]).toBe("image/*");
    expect(JSON.stringify(seen?.headers)).not.toContain("canary");
  });

  it("are fetched by name as well, wherever it leads", async () => {
    const server = await serve(answer(200, "picture"));
    const http = client({ allow: [`localhost:${server.port}`] });
    expect(await get(http, `http://LOCALHOST:${server.port}/`).then(read)).toBe("picture");
  });

  it("are vouched for on the named port only", async () => {
    const server = await serve(answer(200, "picture"));
    for (const allow of [["127.0.0.1"], ["127.0.0.1:1"], ["localhost"], ["10.0.0.1"]]) {
      expect(await failure(get(client({ allow }), server.url))).toMatchObject({ failure: "blocked" });
    }
    expect(server.connections()).toBe(0);
  });

  it("still take no user info and no other scheme", async () => {
    const server = await serve(answer(200, "picture"));
    const http = client({ allow: [`127.0.0.1:${server.port}`] });
    expect(await failure(get(http, `http://a:b@127.0.0.1:${server.port}/`))).toMatchObject({
      failure: "blocked",
    });
    expect(await failure(get(http, `ftp://127.0.0.1:${server.port}/`))).toMatchObject({ failure: "blocked" });
    expect(server.connections()).toBe(0);
  });

  it.each(["http://a", "a/b", "a:b", "a:99999", "", "a b", "user@a"])("cannot be written as %j", (entry) => {
    expect(() => createGuardedClient({ allow: [entry] })).toThrow(
      /allow: .* is no host; write "host" or "host:port"/,
    );
  });
});

it("takes a redirect for the answer, and follows none", async () => {
  const target = await serve(answer(200, "picture"));
  const server = await serve(answer(302, "", { location: target.url }));
  const http = client({ allow: [`127.0.0.1:${server.port}`, `127.0.0.1:${target.port}`] });
  const response = await get(http, server.url);
  expect(response.status).toBe(302);
  await read(response);
  expect(target.connections()).toBe(0);
});

describe("limits", () => {
  it("hold as for any client, and nothing is kept for a later request", async () => {
    const server = await serve(answer(200, "x".repeat(1_001)), answer(200, "ok"), answer(200, "ok"), silence);
    const http = client({ allow: [`127.0.0.1:${server.port}`], limits: { firstByteMs: 40 } });
    expect(await failure(get(http, server.url).then(read))).toMatchObject({ failure: "too_large" });
    await get(http, server.url).then(read);
    await get(http, server.url).then(read);
    expect(server.connections()).toBe(3);
    expect(await failure(get(http, server.url))).toMatchObject({ failure: "first_byte_timeout" });
  });

  it("are refused by name when they are no durations", () => {
    expect(() => createGuardedClient({ limits: { connectMs: -1 } })).toThrow(/limits\.connectMs/);
  });
});
