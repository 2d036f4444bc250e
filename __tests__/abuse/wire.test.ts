import fc from "fast-check";

import { exchange } from "../http/raw";
import { type ImpatientServer, startImpatientServer, statuses } from "./impatient-server";
import { AMBIGUOUS, anonymous, BODY, BROKEN, chunked, good, goodGet, raw } from "./raw-requests";
import { drawn, PATIENCE } from "./runs";
import { expectNoSecret } from "./target";

let impatient: ImpatientServer;
beforeAll(async () => {
  impatient = await startImpatientServer();
});
beforeEach(() => impatient.beginTest());
afterEach(() => impatient.endTest());
afterAll(() => impatient.close());

const bytes = (text: string) => Buffer.from(text, "latin1");

describe("requests whose end is in doubt", () => {
  it.each(Object.entries(AMBIGUOUS))("are refused with what follows them: %s", async (_title, request) => {
    const answer = await exchange(impatient.url, bytes(request + good("Connection: close")));
    expect(statuses(answer).length).toBeLessThanOrEqual(1);
    for (const status of statuses(answer)) expect([400, 413]).toContain(status);
    expect(impatient.made()).toBe(0);
  });

  it("are not those that end as they say: the next request is answered by itself", async () => {
    const answer = await exchange(impatient.url, good() + chunked() + good("Connection: close"));
    expect(statuses(answer)).toEqual([200, 200, 200]);
    expect(impatient.made()).toBe(3);
  });

  it("take no credentials from behind the body", async () => {
    const trailing = anonymous(chunked("Connection: close", "Trailer: authorization")).replace(
      /\r\n$/,
      "Authorization: Bearer sk-ann\r\n\r\n",
    );
    expect(statuses(await exchange(impatient.url, trailing))).toEqual([401]);
    expect(impatient.made()).toBe(0);
  });

  it("take the first of two credentials, as Node does, and never both", async () => {
    const twice = good("Connection: close").replace(
      "Authorization",
      "Authorization: Bearer x\r\nAuthorization",
    );
    expect(statuses(await exchange(impatient.url, twice))).toEqual([401]);
    expect(impatient.made()).toBe(0);
  });
});

describe("requests that are none", () => {
  it.each(Object.entries(BROKEN))("get no more than a refusal: %s", async (_title, request) => {
    const { socket, over } = await impatient.client();
    socket.write(bytes(request));
    const answer = await over();
    for (const status of statuses(answer)) expect([400, 404, 408, 413, 431, 505]).toContain(status);
    expect(impatient.made()).toBe(0);
  });
});

describe("several requests on one connection", () => {
  it("are answered in order, each by itself, the refused ones too", async () => {
    const tooLarge = good()
      .replace(BODY, "x".repeat(300_000))
      .replace(/Content-Length: \d+/, "Content-Length: 300000");
    const requests = [
      anonymous(good()),
      good(),
      good().replace("POST", "DELETE"),
      tooLarge,
      good().replace("application/json", "text/plain"),
      good().replace(BODY, "}".repeat(BODY.length)),
      good("Connection: close"),
    ];
    expect(statuses(await exchange(impatient.url, requests.join("")))).toEqual([
      401, 200, 405, 413, 415, 400, 200,
    ]);
    expect(impatient.made()).toBe(2);
  });

  it("may be many", async () => {
    const requests = Array.from({ length: 200 }, () => goodGet("/v1/models")).join("");
    const answers = statuses(
      await exchange(impatient.url, requests + goodGet("/v1/nowhere", "Connection: close")),
    );
    expect(answers).toEqual([...Array(200).fill(200), 404]);
  });
});

describe("targets and versions", () => {
  it("serves HTTP/1.0, without a Host", async () => {
    const answer = await exchange(
      impatient.url,
      good()
        .replace("HTTP/1.1", "HTTP/1.0")
        .replace(/Host: .*\r\n/, ""),
    );
    expect(statuses(answer)).toEqual([200]);
    expect(answer).toContain('"url":"http://localhost/v1/images/files/');
  });

  it("reads the path of an absolute target, and links to the Host", async () => {
    const absolute = good("Connection: close").replace("POST /", "POST http://evil.example/");
    const answer = await exchange(impatient.url, absolute);
    expect(statuses(answer)).toEqual([200]);
    expect(answer).toContain('"url":"http://images.test/v1/images/files/');
  });

  it.each([
    "GET * HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "GET http:/// HTTP/1.1",
    "GET http://[ HTTP/1.1",
    "GET ?a HTTP/1.1",
  ])("leaves %s to the host", async (line) => {
    for (const status of statuses(
      await exchange(impatient.url, raw(["Host: a", "Connection: close"], "", line)),
    )) {
      expect(status).toBeLessThan(500);
    }
  });

  it("knows no upgrade: without Socket.IO the request is served, with it Engine.IO ends the connection", async () => {
    const upgrades = ["websocket", "h2c", "TLS/1.0, HTTP/1.1"].map((protocol) =>
      good("Connection: Upgrade, close", `Upgrade: ${protocol}`, "Sec-WebSocket-Version: 13"),
    );
    for (const upgrade of upgrades) expect(statuses(await exchange(impatient.url, upgrade))).toEqual([200]);
    const answers = await Promise.all(
      upgrades.map((upgrade) => exchange(impatient.target.host.url, upgrade)),
    );
    expect(answers).toEqual(["", "", ""]);
    expect(impatient.made()).toBe(3);
  });
});

it(
  "any bytes in any place of a request bring a refusal or what was asked for, and never more",
  async () => {
    const edits = fc.array(
      fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 4 }) }),
      { minLength: 1, maxLength: 4 },
    );
    const base = fc.constantFrom(
      good("Connection: close"),
      chunked("Connection: close"),
      goodGet("/v1/images/jobs?limit=2&order=asc", "Connection: close"),
      goodGet("/v1/models/test-model", "Connection: close"),
    );
    const request = fc.tuple(base, edits).map(([text, changes]) =>
      changes.reduce((left, { at, remove, insert }) => {
        const place = at % left.length;
        return Buffer.concat([left.subarray(0, place), insert, left.subarray(place + remove)]);
      }, bytes(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 10, maxLength: 10 }), async (requests) => {
        const before = impatient.target.calls.length;
        const answers = await Promise.all(
          requests.map(async (sent) => {
            const { socket, until, text } = await impatient.client();
            socket.write(sent);
            await until("\r\n\r\n").catch(() => "");
            socket.destroy();
            return text();
          }),
        );
        for (const answer of answers) {
          expectNoSecret(answer);
          for (const status of statuses(answer)) expect(status).toBeLessThan(500);
        }
        const generations = answers.filter((answer) => /^HTTP\/1\.1 200 .*x-image-job-id/s.test(answer));
        expect(impatient.target.calls.length - before).toBe(generations.length);
      }),
      drawn(30),
    );
  },
  PATIENCE,
);
