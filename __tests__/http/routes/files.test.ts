import { createLinkSigner } from "../../../lib/core/pictures/signed-links";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../../support/host";
import { bytesOut, picture, scriptedProvider } from "../../support/scripted-provider";
import { exchange } from "../raw";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

/** A stored picture: its link and its bytes. */
async function stored(setup: HostSetup = {}): Promise<{ readonly link: URL; readonly bytes: Buffer }> {
  const bytes = await picture({ format: "jpeg" });
  const provider = scriptedProvider(() => ({ images: [bytesOut(bytes)], meta: () => ({}) }));
  await start({ providers: [provider], ...setup });
  const { data } = await jsonOf(await generate(host, PROMPT));
  return { link: new URL(data[0].url), bytes };
}
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const codeOf = async (answer: Response) => `${answer.status} ${(await jsonOf(answer)).error.code}`;

it("serves the bytes with headers that keep them a private picture and nothing else", async () => {
  const { link, bytes } = await stored();
  const key = link.pathname.split("/").pop();
  const answer = await fetch(link);
  expect(answer.status).toBe(200);
  expect((await bytesOf(answer)).equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/jpeg",
    "content-length": String(bytes.length),
    "content-disposition": `inline; filename="${key}.jpeg"`,
    "accept-ranges": "bytes",
    etag: `"${key}"`,
    "cache-control": expect.stringMatching(/^private, max-age=3[56]\d\d, immutable$/),
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "x-request-id": expect.stringMatching(/^req_/),
  });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
});

it("embeds where `links.crossOriginResourcePolicy` says", async () => {
  const { link } = await stored({ options: { links: { crossOriginResourcePolicy: "same-site" } } });
  expect((await fetch(link)).headers.get("cross-origin-resource-policy")).toBe("same-site");
});

it.each([
  ["no key", {}],
  ["a good key", { authorization: "Bearer sk-ann" }],
  ["another's key", { authorization: "Bearer sk-bob" }],
  ["a wrong key", { authorization: "Bearer wrong" }],
])("opens a link with %s", async (_title, headers) => {
  const { link } = await stored();
  expect((await fetch(link, { headers })).status).toBe(200);
});

describe("ranges", () => {
  it.each([
    ["bytes=0-9", 0, 10],
    ["bytes=5-5", 5, 6],
    ["bytes=10-", 10, undefined],
    ["bytes=-7", -7, undefined],
    ["bytes=-999999", 0, undefined],
    ["bytes=100-999999", 100, undefined],
    ["Bytes=0-0", 0, 1],
  ])("gives %s", async (range, from, to) => {
    const { link, bytes } = await stored();
    const wanted = bytes.subarray(from, to);
    const first = from < 0 ? bytes.length + from : from;
    const answer = await fetch(link, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(
      `bytes ${first}-${first + wanted.length - 1}/${bytes.length}`,
    );
    expect(answer.headers.get("content-length")).toBe(String(wanted.length));
    expect((await bytesOf(answer)).equals(wanted)).toBe(true);
  });

  it.each([
    "bytes=0-1,3-4",
    "bytes=5-2",
    "bytes=-",
    "bytes=a-b",
    "lines=0-1",
    "bytes=0-1 ",
    "0-1",
    "bytes=1-9".repeat(9),
  ])("ignores %s and gives the whole", async (range) => {
    const { link, bytes } = await stored();
    const answer = await fetch(link, { headers: { range } });
    // White space around a value is not part of it.
    expect(answer.status).toBe(range.trim() === "bytes=0-1" ? 206 : 200);
    if (answer.status === 200) expect((await bytesOf(answer)).equals(bytes)).toBe(true);
  });

  it.each(["bytes=99999-", "bytes=99999-999999", "bytes=-0"])(
    "refuses %s and says how much there is",
    async (range) => {
      const { link, bytes } = await stored();
      const answer = await fetch(link, { headers: { range } });
      expect(answer.headers.get("content-range")).toBe(`bytes */${bytes.length}`);
      expect(answer.headers.get("content-disposition")).toBeNull();
      expect(await codeOf(answer)).toBe("416 range_not_satisfiable");
    },
  );

  it("heeds If-Range", async () => {
    const { link } = await stored();
    const etag = (await fetch(link)).headers.get("etag") ?? "";
    const status = async (ifRange: string) =>
      (await fetch(link, { headers: { range: "bytes=0-1", "if-range": ifRange } })).status;
    expect(await status(etag)).toBe(206);
    expect(await status('"other"')).toBe(200);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status("Sat, 01 Jan 2000 00:00:00 GMT")).toBe(200);
  });

  it("ignores a range on HEAD, and says of the whole what GET says", async () => {
    const { link, bytes } = await stored();
    const answer = await fetch(link, { method: "HEAD", headers: { range: "bytes=0-1" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-length")).toBe(String(bytes.length));
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    expect(await answer.text()).toBe("");
  });
});

it("says 304 to who has the picture, by any spelling of If-None-Match", async () => {
  const { link } = await stored();
  const etag = (await fetch(link)).headers.get("etag") ?? "";
  const status = async (ifNoneMatch: string) => {
    const answer = await fetch(link, { headers: { "if-none-match": ifNoneMatch } });
    expect(answer.headers.get("etag")).toBe(etag);
    return answer.status;
  };
  expect(await status(etag)).toBe(304);
  expect(await status(`W/${etag}`)).toBe(304);
  expect(await status(`"a", ${etag}`)).toBe(304);
  expect(await status("*")).toBe(304);
  expect(await status('"a"')).toBe(200);
});

describe("signatures", () => {
  const mutations: readonly (readonly [string, (link: URL) => void])[] = [
    ["no query", (link) => (link.search = "")],
    ["a later end", (link) => link.searchParams.set("exp", String(Number(link.searchParams.get("exp")) + 1))],
    ["another type", (link) => link.searchParams.set("type", "png")],
    ["an unknown key id", (link) => link.searchParams.set("kid", "other")],
    [
      "another key of a picture",
      (link) => (link.pathname = link.pathname.replace(/.$/, (last) => (last === "A" ? "B" : "A"))),
    ],
    ["a signature cut short", (link) => (link.search = link.search.slice(0, -1))],
    ["a signature with more", (link) => (link.search += "A")],
    [
      "a signature in other case",
      (link) => link.searchParams.set("sig", (link.searchParams.get("sig") ?? "").toUpperCase()),
    ],
    ["a parameter twice", (link) => (link.search += `&exp=${link.searchParams.get("exp")}`)],
    ["a parameter in front", (link) => (link.search = `?a=1&${link.search.slice(1)}`)],
    ["a parameter behind", (link) => (link.search += "&a=1")],
    ["another order", (link) => (link.search = `?${link.search.slice(1).split("&").reverse().join("&")}`)],
    ["a bracketed name", (link) => (link.search = link.search.replace("exp=", "exp[]="))],
    ["a second question mark", (link) => (link.search = `??${link.search.slice(1)}`)],
    ["a padded signature", (link) => (link.search += "%3D")],
  ];
  it.each(mutations)("refuses %s", async (_title, mutate) => {
    const { link } = await stored();
    const good = link.href;
    mutate(link);
    expect(link.href).not.toBe(good);
    expect(await codeOf(await fetch(link))).toBe("403 invalid_signature");
    expect((await fetch(good)).status).toBe(200);
  });

  it.each(["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a".repeat(500), "%F0%9F%98%80"])(
    "refuses the key %s like any other that is not signed",
    async (key) => {
      const { link } = await stored();
      const target = `/v1/images/files/${key}${link.search}`;
      const answer = await exchange(
        host.url,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (403|404) /);
      expect(answer).not.toContain("root:");
    },
  );

  it("honours the links of every key of the ring, and no others after a key is gone", async () => {
    const old = { id: "old", secret: "o".repeat(32) };
    const { link } = await stored({
      options: { links: { keys: [{ id: "new", secret: "n".repeat(32) }, old] } },
    });
    expect(link.searchParams.get("kid")).toBe("new");
    const key = link.pathname.split("/").pop() ?? "";
    const facts = { key, contentType: "image/jpeg", expiresAt: Date.now() + 60_000 } as const;
    link.search = createLinkSigner([old]).sign(facts);
    expect((await fetch(link)).status).toBe(200);
    link.search = createLinkSigner([{ id: "new", secret: "o".repeat(32) }]).sign(facts);
    expect((await fetch(link)).status).toBe(403);
  });

  it("signs for no longer than `links.ttlSeconds`", async () => {
    const { link } = await stored({ options: { links: { ttlSeconds: 60 } } });
    const seconds = Number(link.searchParams.get("exp")) - Date.now() / 1000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
  });
});
