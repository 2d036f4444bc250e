import { exchange, type RawClient } from "../http/raw";
import { eventually } from "./eventually";
import { type ImpatientServer, SOON_MS, startImpatientServer, statuses } from "./impatient-server";
import { anonymous, BODY, chunked, good, raw } from "./raw-requests";

let impatient: ImpatientServer;
beforeAll(async () => {
  impatient = await startImpatientServer();
});
beforeEach(() => impatient.beginTest());
afterEach(() => impatient.endTest());
afterAll(() => impatient.close());

describe("clients that owe something", () => {
  const percentile95 = (times: readonly number[]) =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;

  async function answerTimes(count: number): Promise<number> {
    const times: number[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      const start = performance.now();
      expect(statuses(await exchange(impatient.url, good("Connection: close")))).toEqual([200]);
      times.push(performance.now() - start);
    }
    return percentile95(times);
  }

  it("do not slow others down: 200 that send their headers byte by byte", async () => {
    impatient.server.headersTimeout = impatient.server.requestTimeout = 2_000;
    const alone = await answerTimes(40);
    const slow = await Promise.all(Array.from({ length: 200 }, () => impatient.client()));
    for (const { socket } of slow) socket.write("POST /v1/images/generations HTTP/1.1\r\nHost: a\r\nX-Any: ");
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write("a");
    }, 100);
    const beside = await answerTimes(40).finally(() => clearInterval(drip));
    impatient.server.headersTimeout = impatient.server.requestTimeout = SOON_MS;
    // Whoever had to wait for the slow ones would wait for seconds; the floor is for a machine that is busy by itself.
    expect(beside).toBeLessThan(Math.max(2 * alone, 250));
    for (const answer of await Promise.all(slow.map(({ over }) => over())))
      expect(statuses(answer)).toEqual([408]);
    expect(impatient.made()).toBe(80);
  });

  it.each([
    ["half a body, then silence", good().slice(0, -20)],
    ["half a chunk, then silence", chunked().slice(0, -20)],
    ["a body that has not begun", good().slice(0, -BODY.length)],
    ["half a header, then silence", good().slice(0, 60)],
    ["a request line without an end", "GET /v1/models"],
  ])("are sent away by Node in time: %s", async (_title, text) => {
    const { socket, over } = await impatient.client();
    socket.write(text);
    expect(statuses(await over())).toEqual([408]);
    expect(impatient.made()).toBe(0);
  });

  it.each([
    ["in the request line", 10],
    ["in the headers", 60],
    ["before the body", good().length - BODY.length],
    ["in the body", good().length - 5],
  ])("may reset the connection, which is worth no word in the log: %s", async (_title, length) => {
    const { length: lines } = impatient.target.host.log;
    const { socket } = await impatient.client();
    await new Promise((resolve) => socket.write(good().slice(0, length), resolve));
    await eventually(() => impatient.accepted.some(({ bytesRead }) => bytesRead === length));
    socket.resetAndDestroy();
    await eventually(() => impatient.accepted.every(({ destroyed }) => destroyed));
    expect(impatient.made()).toBe(0);
    expect(impatient.target.host.log.length).toBe(lines);
  });

  it.each([
    ["fewer bytes than announced", good().slice(0, -5)],
    ["no last chunk", chunked().slice(0, -5)],
  ])("may end early: %s", async (_title, text) => {
    const { socket, over } = await impatient.client();
    socket.end(text);
    for (const status of statuses(await over())) expect(status).toBe(400);
    expect(impatient.made()).toBe(0);
  });
});

describe("bodies that nobody wants", () => {
  const ANNOUNCED = 200 * 1024 * 1024;
  const PIECE = Buffer.alloc(64 * 1024, 0x20);

  /** Sends until the server cuts the connection. */
  async function pump({ socket }: RawClient): Promise<void> {
    const happens = (event: string) => new Promise((resolve) => socket.once(event, resolve));
    const closed = happens("close");
    while (!socket.destroyed && socket.writable) {
      if (!socket.write(PIECE)) await Promise.race([happens("drain"), closed]);
    }
    await closed;
  }

  it("are refused before their first byte, and not read to their end: 200 MB from nobody", async () => {
    const nobody = await impatient.client();
    nobody.socket.write(
      anonymous(raw(["Host: a", "Content-Type: application/json", `Content-Length: ${ANNOUNCED}`])),
    );
    expect(statuses(await nobody.until("invalid_api_key"))).toEqual([401]);
    await pump(nobody);
    expect(impatient.accepted[0]?.bytesRead).toBeLessThan(20 * 1024 * 1024);
    expect(impatient.made()).toBe(0);
  });

  it("are refused as soon as their length is known: 200 MB from somebody", async () => {
    const somebody = await impatient.client();
    somebody.socket.write(
      good()
        .replace(BODY, "")
        .replace(/Content-Length: \d+/, `Content-Length: ${ANNOUNCED}`),
    );
    expect(statuses(await somebody.until("request_too_large"))).toEqual([413]);
    await pump(somebody);
    expect(impatient.accepted[0]?.bytesRead).toBeLessThan(20 * 1024 * 1024);
    expect(impatient.made()).toBe(0);
  });

  it("leave the connection to the next request when their sender was only late to see the answer", async () => {
    const late = await impatient.client();
    const length = 2 * 1024 * 1024;
    late.socket.write(
      good()
        .replace(BODY, "")
        .replace(/Content-Length: \d+/, `Content-Length: ${length}`),
    );
    await late.until("request_too_large");
    late.socket.write(Buffer.alloc(length, 0x20));
    late.socket.write(good("Connection: close"));
    expect(statuses(await late.over())).toEqual([413, 200]);
    expect(impatient.made()).toBe(1);
  });

  it("end when their chunks do not: more than the limit, without a length", async () => {
    const endless = await impatient.client();
    endless.socket.write(chunked().replace(/\r\n\r\n.*$/s, "\r\n\r\n"));
    endless.socket.write(`${(64 * 1024 * 1024).toString(16)}\r\n`);
    endless.socket.write(Buffer.alloc(512 * 1024, 0x20));
    expect(statuses(await endless.until("request_too_large"))).toEqual([413]);
    await pump(endless);
    expect(impatient.accepted[0]?.bytesRead).toBeLessThan(20 * 1024 * 1024);
    expect(impatient.made()).toBe(0);
  });
});
