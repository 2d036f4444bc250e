import { memoryStore } from "express-image-gateway/stores/memory";
import { type HostSetup, PROMPT, startHost, type TestHost } from "../support/host";
import { bodyOf, exchange } from "./raw";

let host: TestHost;
const start = async (setup?: HostSetup) => {
  host = await startHost(setup);
};
afterEach(() => host.close());

const BODY = JSON.stringify(PROMPT);

/** The link that a request with exactly these headers gets, without its key and query. */
const linkFor = async (...headers: readonly string[]): Promise<string> => {
  const answer = await exchange(
    host.url,
    [
      "POST /v1/images/generations HTTP/1.1",
      "Authorization: Bearer sk-ann",
      "Content-Type: application/json",
      `Content-Length: ${BODY.length}`,
      "Connection: close",
      ...headers,
      "",
      BODY,
    ].join("\r\n"),
  );
  return String(bodyOf(answer).data[0].url).replace(/[^/]+$/, "");
};

it.each([
  ["images.example.com", "http://images.example.com/v1/images/files/"],
  ["images.example.com:8443", "http://images.example.com:8443/v1/images/files/"],
  ["[::1]:3000", "http://[::1]:3000/v1/images/files/"],
  ["127.0.0.1:3000", "http://127.0.0.1:3000/v1/images/files/"],
  ["evil.com/path", "http://localhost/v1/images/files/"],
  ["user@evil.com", "http://localhost/v1/images/files/"],
  ['"><script>', "http://localhost/v1/images/files/"],
  ["a b", "http://localhost/v1/images/files/"],
  ["images.example.com:99999", "http://localhost/v1/images/files/"],
  ["[::1::]:3000", "http://localhost/v1/images/files/"],
])("Host: %s leads to %s", async (header, expected) => {
  await start();
  expect(await linkFor(`Host: ${header}`)).toBe(expected);
});

it("does not believe X-Forwarded-* unless the host trusts its proxy", async () => {
  await start();
  expect(await linkFor("Host: a.test", "X-Forwarded-Host: evil.test", "X-Forwarded-Proto: https")).toBe(
    "http://a.test/v1/images/files/",
  );
});

it.each([
  ["X-Forwarded-Host: img.test", "https://img.test/v1/images/files/"],
  ["X-Forwarded-Host: img.test:8443, inner.test", "https://img.test:8443/v1/images/files/"],
  ["X-Other: 1", "https://a.test/v1/images/files/"],
])("believes %s under `trust proxy`", async (header, expected) => {
  await start({ before: (app) => void app.set("trust proxy", true) });
  expect(await linkFor("Host: a.test", "X-Forwarded-Proto: https", header)).toBe(expected);
});

it("uses `publicUrl`, whatever the request says", async () => {
  await start({
    options: { publicUrl: "https://img.example.com/ai/v1/" },
    before: (app) => void app.set("trust proxy", true),
  });
  expect(await linkFor("Host: evil.test", "X-Forwarded-Host: evil.test")).toBe(
    "https://img.example.com/ai/v1/images/files/",
  );
});

it("gives the store's own links where it has some", async () => {
  const ends: number[] = [];
  const link = (key: string, { expiresAt }: { expiresAt: number }) => {
    ends.push(expiresAt);
    return `https://bucket.test/${key}`;
  };
  await start({ options: { store: Object.assign(memoryStore(), { link }), links: { ttlSeconds: 60 } } });
  expect(await linkFor("Host: a.test")).toBe("https://bucket.test/");
  expect(ends[0]).toBeLessThanOrEqual(Date.now() + 60_000);
});
