import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";

import type { Namespace } from "socket.io";
import type { Socket } from "socket.io-client";

import { exchange, type RawClient } from "../http/raw";
import { generate, PRINCIPALS, PROMPT, startHost, type TestHost } from "../support/host";
import { eventually } from "./eventually";
import { admittedWebSocket, frame, rawWebSocket } from "./raw-websocket";
import { PATIENCE, times } from "./runs";
import { expectNoSecret, SECRETS } from "./target";

let host: TestHost;
let namespace: Namespace;

beforeEach(async () => {
  host = await startHost({
    options: {
      // Some turns of the event loop, in which a client can leave.
      authenticate: async ({ token }) => {
        await turn();
        return token === undefined ? null : PRINCIPALS.get(token);
      },
    },
  });
  namespace = host.io.of("/image-progress");
});
afterEach(async () => {
  expect((await generate(host, PROMPT)).status).toBe(200);
  expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  expectNoSecret(inspect(host.log, { depth: 8 }));
  await host.close();
});

const connected = (auth: Record<string, unknown> = { token: "sk-ann" }): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = host.socket(auth);
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });

const refusal = (auth: Record<string, unknown>): Promise<unknown> =>
  connected(auth).then(
    () => "connected",
    (error: { data?: unknown }) => error.data,
  );

const CLOSE_FRAME = "\x88";
const REFUSED_OR_CLOSED = /44\/image-progress,|\x88/;

const INVALID_KEY = {
  message: expect.stringMatching(/\S/),
  type: "invalid_request_error",
  param: null,
  code: "invalid_api_key",
};

it.each<[string, Record<string, unknown>]>([
  ["nothing", {}],
  ["no token", { previews: true }],
  ["an empty token", { token: "" }],
  ["a number", { token: 1 }],
  ["true", { token: true }],
  ["null", { token: null }],
  ["an array with a good token", { token: ["sk-ann"] }],
  ["an object that reads as a good token", { token: { toString: "sk-ann", 0: "sk-ann" } }],
  ["bytes of a good token", { token: Buffer.from("sk-ann") }],
  ["a wrong token", { token: SECRETS.key }],
  ["a good token and more", { token: "sk-ann " }],
  ["a good token in other letters", { token: "SK-ANN" }],
  ["a name of Object.prototype", { token: "__proto__" }],
  ["another name of Object.prototype", { token: "constructor" }],
  ["a NUL", { token: "sk-ann\u0000" }],
  ["half a surrogate pair", { token: "\ud800" }],
  ["20,000 characters", { token: "a".repeat(20_000) }],
  ["an inherited token", JSON.parse('{"__proto__":{"token":"sk-ann"}}')],
  ["a token under another name", { key: "sk-ann", Token: "sk-ann", authorization: "Bearer sk-ann" }],
])("refuses %s instead of a key, and hears nothing from that socket", async (_title, auth) => {
  expect(await refusal(auth)).toEqual(INVALID_KEY);
  await eventually(() => namespace.adapter.rooms.size === 0);
});

it.each(["[]", '["sk-ann"]', '"sk-ann"', "1", "true", "null", "", '{"token":"sk-ann"'])(
  "lets nobody in whose whole auth is %s",
  async (auth) => {
    const client = await rawWebSocket(host.url);
    client.socket.write(frame(`40/image-progress,${auth}`));
    const answer = await client.until(REFUSED_OR_CLOSED);
    expect(answer).not.toContain('40/image-progress,{"sid"');
    expect(namespace.sockets.size).toBe(0);
    client.socket.destroy();
  },
);

it("shows nothing to a socket that was refused, whatever it goes on to send", async () => {
  const client = await rawWebSocket(host.url);
  const job = { client_request_id: "of-ann" };
  client.socket.write(frame(`40/image-progress,{"token":"${SECRETS.key}"}`));
  await client.until("44/image-progress,");
  client.socket.write(frame(`42/image-progress,0${JSON.stringify(["subscribe", job])}`));
  await generate(host, PROMPT, { "x-client-request-id": job.client_request_id });
  await client.until(CLOSE_FRAME);
  expect(client.text()).not.toMatch(/imgjob_|43\/image-progress/);
  client.socket.destroy();
});

it("lets a socket go that floods, and only that one", async () => {
  const [loud, quiet] = await Promise.all([connected(), connected()]);
  const closing: unknown[] = [];
  loud.on("closing", (about) => closing.push(about));
  const gone = new Promise((resolve) => loud.once("disconnect", resolve));
  for (let sent = 0; sent < 5_000; sent += 1)
    loud.emit(sent % 2 === 0 ? "subscribe" : `event-${sent}`, { id: "x" });
  await gone;
  expect(closing).toEqual([{ reason: "flood" }]);
  expect(await quiet.timeout(5_000).emitWithAck("subscribe", { id: "x" })).toEqual({ ok: true, job: null });
});

it("holds no more sockets of one principal than it may, and lets in again once some have gone", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () =>
      connected().catch((error: { data: { code: string } }) => error.data.code),
    ),
  );
  const sockets = outcomes.filter((each) => typeof each !== "string");
  expect(sockets).toHaveLength(8);
  expect(new Set(outcomes.filter((each) => typeof each === "string"))).toEqual(
    new Set(["too_many_connections"]),
  );
  for (const socket of sockets) socket.disconnect();
  await eventually(() => namespace.sockets.size === 0);
  const again = await connected();
  again.disconnect();
});

it("asks who it is no more than a few times at once on one connection", async () => {
  const client = await rawWebSocket(host.url);
  const ask = frame('40/image-progress,{"token":"sk-ann"}');
  client.socket.write(Buffer.concat(Array.from({ length: 300 }, () => ask)));
  client.socket.write(frame('42/image-progress,7["subscribe",{"id":"x"}]'));
  await client.until(/43\/image-progress,7/).catch(() => undefined);
  client.socket.destroy();
  await eventually(() => namespace.adapter.rooms.size === 0);
  expect((await connected()).connected).toBe(true);
});

describe("sockets that come and go", () => {
  const subscribe = (at: number) =>
    frame(`42/image-progress,0${JSON.stringify(["subscribe", { client_request_id: `request-${at}` }])}`);

  /** How a client leaves. */
  const LEAVING: Readonly<Record<string, (at: number) => Promise<RawClient>>> = {
    "in the middle of the handshake": async (at) => {
      const client = await rawWebSocket(host.url);
      client.socket.write(Buffer.concat([frame('40/image-progress,{"token":"sk-ann"}'), subscribe(at)]));
      return client;
    },
    "in the middle of a command": async (at) => {
      const client = await admittedWebSocket(host.url);
      client.socket.write(subscribe(at));
      return client;
    },
    "with subscriptions": async (at) => {
      const client = await admittedWebSocket(host.url);
      client.socket.write(subscribe(at));
      await client.until("43/image-progress,0");
      return client;
    },
    "by a packet": async (at) => {
      const client = await admittedWebSocket(host.url);
      client.socket.write(Buffer.concat([subscribe(at), frame("41/image-progress,")]));
      return client;
    },
  };

  it.each(Object.entries(LEAVING))(
    "leave no room behind: %s",
    async (_title, connect) => {
      for (let batch = 0; batch < times(10); batch += 1) {
        const clients = await Promise.all(Array.from({ length: 8 }, (_, at) => connect(batch * 8 + at)));
        for (const { socket } of clients) {
          if (batch % 2 === 0) socket.resetAndDestroy();
          else socket.destroy();
        }
        await eventually(() => namespace.adapter.rooms.size === 0 && host.io.engine.clientsCount === 0);
      }
      expect([namespace.sockets.size, namespace.adapter.sids.size]).toEqual([0, 0]);
      // Nor do they hold places of their principal.
      const all = await Promise.all(Array.from({ length: 8 }, () => connected()));
      for (const socket of all) socket.disconnect();
    },
    PATIENCE,
  );
});

describe("the polling transport", () => {
  // Engine.IO keeps the timer of a closed session for half a minute when nobody polls it any more.
  beforeEach(() => {
    host.io.engine.on("connection", ({ transport }) => {
      transport.closeTimeout = 1;
    });
  });

  const polling = "/socket.io/?EIO=4&transport=polling";
  const request = (line: string, ...more: readonly string[]) =>
    exchange(host.url, [line, "Host: images.test", "Connection: close", ...more].join("\r\n"));
  const post = (sid: string | undefined, packet: string) =>
    request(
      `POST ${polling}&sid=${sid} HTTP/1.1`,
      "Content-Type: text/plain;charset=UTF-8",
      `Content-Length: ${Buffer.byteLength(packet)}`,
      "",
      packet,
    );
  const sidOf = (answer: string) => /"sid":"([^"]+)"/.exec(answer)?.[1];
  /** Ends what a request may have opened. */
  const leave = async (sid: string | undefined) => {
    if (sid !== undefined) await post(sid, "1");
    await eventually(() => host.io.engine.clientsCount === 0);
  };

  it.each([
    `GET ${polling}&sid=__proto__ HTTP/1.1`,
    `GET ${polling}&sid=constructor HTTP/1.1`,
    `GET ${polling}&sid=x&sid=y HTTP/1.1`,
    `GET ${polling}&sid[]=x HTTP/1.1`,
    "GET /socket.io/?EIO=999&transport=polling HTTP/1.1",
    "GET /socket.io/?EIO=4&transport=__proto__ HTTP/1.1",
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    "GET /socket.io/?EIO=4 HTTP/1.1",
    "GET /socket.io/%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    "DELETE /socket.io/ HTTP/1.1",
  ])("stands %s", async (line) => {
    const answer = await request(line, "", "");
    expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
    await leave(sidOf(answer));
  });

  it.each([
    ["nothing", ""],
    ["an unknown packet", "x"],
    ["an empty message", "4"],
    ["half a packet", "40/image-progress,"],
    ["separators", "\u001e\u001e\u001e"],
    ["empty binary", "b"],
    ["packets of an old protocol", "6:40abc"],
    ["2 MB", "4".repeat(2_000_000)],
  ])("stands %s", async (_title, packet) => {
    const sid = sidOf(await request(`GET ${polling} HTTP/1.1`, "", ""));
    expect(await post(sid, packet)).toMatch(/^HTTP\/1\.1 [24]\d\d /);
    await leave(sid);
  });
});
