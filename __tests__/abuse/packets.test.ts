import { inspect } from "node:util";

import { ERROR_KINDS } from "express-image-gateway";
import fc from "fast-check";
import type { Socket } from "socket.io-client";

import { generate, PROMPT, startHost, type TestHost } from "../support/host";
import { pictures, scriptedProvider, untilAborted } from "../support/scripted-provider";
import { anyPacket, COMMANDS, type Packet } from "./packets";
import { drawn, PATIENCE } from "./runs";
import { expectNoSecret } from "./target";

const UNKNOWN = `imgjob_${"0".repeat(32)}`;
const REQUESTS = { ann: "request-of-ann", bob: "request-of-bob" } as const;

let host: TestHost;
let bob: Socket;
type Heard = [event: string, about: { readonly id: string; readonly status?: string }];
const heardByBob: Heard[] = [];
const jobs: Record<"ann" | "bob", string> = { ann: "", bob: "" };

const connected = (token: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = host.socket({ token });
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });

/** A job that goes on until it is cancelled. */
async function liveJob(who: "ann" | "bob", socket: Socket): Promise<string> {
  const started = new Promise<string>((resolve) => socket.once("progress", ({ id }) => resolve(id)));
  const headers = { authorization: `Bearer sk-${who}`, "x-client-request-id": REQUESTS[who] };
  generate(host, { ...PROMPT, prompt: "hold" }, headers).catch(() => {});
  return started;
}

beforeAll(async () => {
  const provider = scriptedProvider((task, context) =>
    task.op === "generate" && task.prompt === "hold" ? untilAborted(task, context) : pictures(task.n),
  );
  host = await startHost({
    providers: [provider],
    options: {
      limits: { socketEventsPerSecond: 10_000, socketEventBurst: 10_000, socketsPerPrincipal: 10_000 },
    },
  });
  const ann = await connected("sk-ann");
  bob = await connected("sk-bob");
  [jobs.ann, jobs.bob] = await Promise.all([liveJob("ann", ann), liveJob("bob", bob)]);
  ann.disconnect();
  bob.onAny((...args: Heard) => heardByBob.push(args));
});
afterAll(() => host.close());

/** Sends packets in one go; resolves with the acknowledgements of each, once all have been worked through. */
async function worked(ann: Socket, packets: readonly Packet[]): Promise<unknown[][]> {
  const acks: unknown[][] = packets.map(() => []);
  for (const [index, { event, args, wantsAck }] of packets.entries()) {
    if (wantsAck) ann.emit(event, ...args, (...answer: unknown[]) => acks[index]?.push(answer));
    else ann.emit(event, ...args);
  }
  // Commands of a socket are worked through in order.
  await ann.timeout(5_000).emitWithAck("subscribe", { id: UNKNOWN });
  return acks;
}

function expectAck(args: unknown): void {
  const [answer, ...more] = JSON.parse(JSON.stringify(args));
  expect(more).toEqual([]);
  if (answer.ok === true) {
    expect(answer.job?.object ?? "image.job").toBe("image.job");
    return;
  }
  const { code, ...error } = answer.error;
  expect({ ...error, param: error.param ?? "" }).toEqual({
    message: expect.stringMatching(/\S/),
    type: expect.stringMatching(/^\w+$/),
    param: expect.any(String),
  });
  const kinds: Readonly<Record<string, { readonly status: number }>> = ERROR_KINDS;
  expect(kinds[code]?.status).toBeLessThan(500);
}

it(
  "any packets of one tenant are acknowledged once or ignored, and show or do nothing to another's",
  async () => {
    let acknowledged = 0;
    const ids = [jobs.ann, jobs.bob, UNKNOWN, REQUESTS.ann, REQUESTS.bob];
    await fc.assert(
      fc.asyncProperty(fc.array(anyPacket(ids), { minLength: 1, maxLength: 10 }), async (packets) => {
        const ann = await connected("sk-ann");
        const heard: Heard[] = [];
        ann.onAny((...args: Heard) => heard.push(args));
        await generate(host, PROMPT, { "x-client-request-id": REQUESTS.ann });
        const acks = await worked(ann, packets).finally(() => ann.disconnect());
        for (const [index, { event, wantsAck }] of packets.entries()) {
          expect([event, acks[index]?.length]).toEqual([event, wantsAck && COMMANDS.has(event) ? 1 : 0]);
          for (const answer of acks[index] ?? []) expectAck(answer);
        }
        acknowledged += acks.flat().length;
        const shown = inspect([acks, heard], { depth: 8, maxArrayLength: null });
        expect(shown).not.toContain(REQUESTS.bob);
        expect(shown).not.toContain(jobs.bob);
      }),
      drawn(100),
    );
    expect(acknowledged).toBeGreaterThan(100);
    expect(Reflect.get({}, "polluted")).toBeUndefined();

    for (const [event, { id, status }] of heardByBob)
      expect([event, id, status]).toEqual(["progress", jobs.bob, "in_progress"]);
    expect(await bob.timeout(5_000).emitWithAck("subscribe", { id: jobs.bob })).toMatchObject({
      ok: true,
      job: { id: jobs.bob, status: "in_progress" },
    });
    expect((await generate(host, PROMPT)).status).toBe(200);
    expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
    expectNoSecret(inspect(host.log, { depth: 8 }));
  },
  PATIENCE,
);
