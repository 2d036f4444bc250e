import { inspect } from "node:util";

import fc from "fast-check";
import type { Namespace } from "socket.io";

import type { RawClient } from "../http/raw";
import { generate, PROMPT, startHost, type TestHost } from "../support/host";
import { eventually } from "./eventually";
import { admittedWebSocket, frame, rawWebSocket } from "./raw-websocket";
import { drawn, PATIENCE } from "./runs";
import { expectNoSecret } from "./target";

let host: TestHost;
let namespace: Namespace;
const open: RawClient[] = [];

beforeAll(async () => {
  host = await startHost({
    options: {
      limits: { socketEventsPerSecond: 10_000, socketEventBurst: 10_000, socketsPerPrincipal: 10_000 },
    },
  });
  namespace = host.io.of("/image-progress");
});
afterAll(() => host.close());
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.destroy();
  await eventually(() => namespace.adapter.rooms.size === 0 && namespace.sockets.size === 0);
  await expectServing();
  expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  expectNoSecret(inspect(host.log, { depth: 8 }));
});

const admitted = async (token?: string): Promise<RawClient> => {
  const client = await admittedWebSocket(host.url, token);
  open.push(client);
  return client;
};

const connected = async (): Promise<RawClient> => {
  const client = await rawWebSocket(host.url);
  open.push(client);
  return client;
};

/** Pictures are made, and a socket is shown their progress. */
async function expectServing(): Promise<void> {
  const client = await admittedWebSocket(host.url);
  expect((await generate(host, PROMPT)).status).toBe(200);
  await client.until('"status":"completed"');
  client.socket.destroy();
}

const BINARY = { opcode: 2 };
const COMMAND = '42/image-progress,0["subscribe",{"id":"x"}]';

/** What a socket may say, said wrongly: packets of Engine.IO and Socket.IO as text. */
const PACKETS: readonly string[] = [
  ..."|4|44|45-|451-|451-[|4|40|41|42|43|46|47|5|6|7|9|x|2probe|3probe|2|3|1|b|bAAAA".split("|"),
  "40/image-progress,[]",
  '40/image-progress,"x"',
  "40/image-progress,1",
  "40/image-progress,null",
  "40/image-progress,{",
  "40/image-progress",
  '40/image-progress,{"token":"sk-ann"}',
  '40/image-progress?token=sk-ann,{"token":{}}',
  "40/",
  "40/,",
  "40/__proto__,",
  "40/constructor,{}",
  `40/${"a".repeat(5_000)},`,
  "41/image-progress,",
  "41/__proto__,",
  '44/image-progress,{"message":"x"}',
  "42/image-progress,",
  "42/image-progress,[]",
  "42/image-progress,{}",
  '42/image-progress,"x"',
  "42/image-progress,[1]",
  "42/image-progress,[null]",
  '42/image-progress,[["subscribe"]]',
  '42/image-progress,["subscribe"',
  '42/image-progress,["connect"]',
  '42/image-progress,["connect_error",{"message":"x"}]',
  '42/image-progress,["disconnect"]',
  '42/image-progress,["disconnecting"]',
  '42/image-progress,["newListener","subscribe"]',
  '42/image-progress,["removeListener","subscribe"]',
  '42/image-progress,["error",{"stack":"x"}]',
  '42/image-progress,["error"]',
  '42/image-progress,["__proto__"]',
  '42/image-progress,1["constructor",{"__proto__":{"polluted":true}}]',
  '42/image-progress,99999999999999999999999["subscribe",{"id":"x"}]',
  '42/image-progress,-1["subscribe",{"id":"x"}]',
  '42/image-progress,1e3["subscribe",{"id":"x"}]',
  `42/image-progress,2["subscribe",${"[".repeat(5_000)}${"]".repeat(5_000)}]`,
  `42/image-progress,${"[".repeat(50_000)}`,
  '42/image-progress,3["subscribe",{"_placeholder":true,"num":0}]',
  '42["subscribe",{"id":"x"}]',
  '42/other,["subscribe",{"id":"x"}]',
  "43/image-progress,0[]",
  "43/image-progress,0[]",
  '43/image-progress,7["twice"]',
  "43/image-progress,[]",
  "43/image-progress,0{}",
  "45-/image-progress,[]",
  "450-/image-progress,[]",
  '451-/image-progress,["subscribe"]',
  '451-/image-progress,["subscribe",{"_placeholder":true,"num":5}]',
  '451-/image-progress,["subscribe",{"_placeholder":true,"num":-1}]',
  '451-/image-progress,["subscribe",{"_placeholder":true,"num":"__proto__"}]',
  '4511-/image-progress,["subscribe",{"_placeholder":true,"num":0}]',
  '45999999999-/image-progress,["subscribe",{"_placeholder":true,"num":0}]',
  "45-1-/image-progress,[]",
  "451e9-/image-progress,[]",
  '461-/image-progress,0[{"_placeholder":true,"num":0}]',
];

const FRAMES: Readonly<Record<string, readonly Buffer[]>> = {
  "an unmasked frame": [frame(COMMAND, { masked: false })],
  "a reserved opcode": [frame(COMMAND, { opcode: 3 })],
  "a reserved control opcode": [frame("", { opcode: 11 })],
  "reserved bits": [frame(COMMAND, { reserved: 7 })],
  "a compressed frame, though no extension was agreed": [frame(COMMAND, { reserved: 4 })],
  "a continuation of nothing": [frame(COMMAND, { opcode: 0 })],
  "a message within a message": [frame("42", { fin: false }), frame(COMMAND)],
  "a message that never ends": Array.from({ length: 200 }, (_, at) =>
    frame("a".repeat(10_000), { opcode: at === 0 ? 1 : 0, fin: false }),
  ),
  "a thousand pieces of one byte": Array.from({ length: 1_000 }, (_, at) =>
    frame("4", { opcode: at === 0 ? 1 : 0, fin: at === 999 }),
  ),
  "a control frame in pieces": [frame("x", { opcode: 9, fin: false })],
  "a long control frame": [frame("x".repeat(126), { opcode: 9 })],
  "text that is not UTF-8": [frame(Buffer.from([0xc3, 0x28]))],
  "a length of 2 GiB": [frame("x", { length: 2 ** 31 })],
  "a length of 2^63": [frame("x", { length: 2n ** 63n })],
  "a message above the server's limit": [frame("a".repeat(1_100_000))],
  "a close with half a code": [frame(Buffer.from([3]), { opcode: 8 })],
  "a close with a code nobody may send": [frame(Buffer.from([3, 237]), { opcode: 8 })],
  "a close with an invalid reason": [frame(Buffer.from([3, 232, 0xc3, 0x28]), { opcode: 8 })],
  "a thousand pings": Array.from({ length: 1_000 }, () => frame("x".repeat(100), { opcode: 9 })),
  "binary without a packet that wants it": [frame("x", BINARY), frame(COMMAND)],
  "attachments of another packet": [
    frame('451-/image-progress,["subscribe",{"_placeholder":true,"num":0}]'),
    frame(COMMAND),
    frame("x", BINARY),
  ],
  "more attachments than announced": [
    frame('451-/image-progress,["subscribe",{"_placeholder":true,"num":0}]'),
    frame("x", BINARY),
    frame("x", BINARY),
  ],
  "eleven attachments": [
    frame('4511-/image-progress,["subscribe",{"_placeholder":true,"num":0}]'),
    ...Array.from({ length: 11 }, () => frame("x", BINARY)),
  ],
  "bytes that are no frame": [Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
};

describe("an admitted WebSocket", () => {
  it.each(PACKETS)("may say %j", async (packet) => {
    const { socket } = await admitted();
    socket.write(Buffer.concat([frame(packet), frame("x", BINARY), frame(COMMAND)]));
  });

  it.each(Object.entries(FRAMES))("may send %s", async (_title, frames) => {
    const { socket } = await admitted();
    socket.write(Buffer.concat(frames));
  });
});

const cut = fc
  .tuple(fc.constantFrom(...PACKETS, COMMAND), fc.nat(100), fc.string({ unit: "binary", maxLength: 5 }))
  .map(([packet, at, insert]) => packet.slice(0, at) + insert + packet.slice(at + insert.length));

const anyFrame = fc.oneof(
  { weight: 6, arbitrary: cut.map((packet) => frame(packet)) },
  { weight: 2, arbitrary: fc.constantFrom(...PACKETS).map((packet) => frame(packet)) },
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => frame(Buffer.from(bytes), BINARY)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...Object.values(FRAMES)).map((frames) => Buffer.concat(frames.slice(0, 3))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
);

it(
  "any frames leave the server serving, and show nothing to another tenant",
  async () => {
    const bob = await admitted("sk-bob");
    const before = bob.text().length;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFrame, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (frames, isAdmitted) => {
          const client = isAdmitted ? await admitted() : await connected();
          await new Promise((resolve) => client.socket.write(Buffer.concat(frames), resolve));
          client.socket.end();
          await client.over();
        },
      ),
      drawn(150),
    );
    await expectServing();
    expect(bob.text().slice(before).replaceAll("\x81\x012", "")).toBe("");
  },
  PATIENCE,
);
