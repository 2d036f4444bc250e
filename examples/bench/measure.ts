import { rm } from "node:fs/promises";
import { cpus } from "node:os";

import type { Contestant } from "./contestants";
import { picturesOf } from "./pictures";
import { Child } from "./processes/child";
import { guardMemory } from "./processes/memory-guard";
import { TALLY, type Tally } from "./processes/messages";
import type { Rig } from "./rig";
import { ANSWERS, type Series, type Shape, type ShapeId } from "./shapes";

/** The figures of one fresh server under one shape. */
export interface Figures {
  readonly answersPerSecond: number;
  /** Of pictures, decoded; 10⁶ bytes. */
  readonly megabytesPerSecond: number;
  /** Of the server, for one answer. */
  readonly cpuMs: number;
  /** One request at a time. */
  readonly firstByteMs: number;
  /** One request at a time: when its first, second, … picture was whole. */
  readonly pictureMs: readonly number[];
  /** The most memory above that of the warm server, in 10⁶ bytes. */
  readonly growthMb: number;
  readonly stallMs: number;
  /** What other processes of the machine took of its processors meanwhile, from 0 to 1. */
  readonly disturbance: number;
}

/** Why there are no figures. */
export interface Absence {
  readonly absent: string;
}

/** Starts a server, sees that it answers right, warms it by a number of requests, measures it and ends it. */
export async function measure(rig: Rig, contestant: Contestant, shape: Shape): Promise<Figures | Absence> {
  const folder = await rig.makeFolder();
  const { upstreamUrl, thirdParty } = rig;
  const server = new Child(contestant.script(thirdParty), contestant.args(upstreamUrl, thirdParty), folder);
  const unguard = guardMemory(server);
  try {
    const port = await server.listening();
    const headers = contestant.headers(upstreamUrl);
    const addresses: string[] = [];
    const run = async (series: Series, asked: ShapeId = shape.id): Promise<Tally> => {
      const tally = await rig.load.ask({ port, headers, shape: asked, ...series }, TALLY);
      if (tally.failure !== "") throw new Failed(tally.failure);
      addresses.push(...tally.addresses);
      return tally;
    };
    await run({ inFlight: 1, count: 1 });
    await run(shape.limber, "S");
    await run(shape.warm);
    const alone = shape.alone === 0 ? undefined : await run({ inFlight: 1, count: shape.alone });
    const figures = await together(rig, server, shape, alone, run);
    // Not before: reading the pictures is work of the server's too.
    for (const address of addresses) await follow(address, shape);
    return figures;
  } catch (error) {
    if (!rig.upstream.isRunning || !rig.load.isRunning) {
      throw new Error("the upstream or the callers have ended", { cause: error });
    }
    // A server that has ended is the reason of what its callers saw, and known a moment later.
    const reason = await server.reasonOfEnd();
    if (reason !== undefined) return { absent: reason };
    if (error instanceof Failed) return { absent: error.message };
    throw error;
  } finally {
    unguard();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the callers saw was not right. */
class Failed extends Error {}

/** Sees that a picture lies at its address. */
async function follow(address: string, { model }: Shape): Promise<void> {
  const answer = await fetch(address);
  const picture = Buffer.from(await answer.arrayBuffer());
  const [expected] = picturesOf(model);
  if (expected === undefined || !picture.equals(expected)) {
    throw new Failed(`another picture is at its address (${answer.status})`);
  }
}

async function together(
  { upstream, load }: Rig,
  server: Child,
  shape: Shape,
  alone: Tally | undefined,
  run: (series: Series) => Promise<Tally>,
): Promise<Figures> {
  const all = [server, upstream, load];
  const startedAt = performance.now();
  const before = busyMs();
  for (const child of all) await child.begin();
  const tally = await run(shape.measured);
  const [usage, ...others] = [await server.end(), await upstream.end(), await load.end()];
  const own = others.reduce((sum, { cpuMs }) => sum + cpuMs, usage.cpuMs);
  const foreign = (busyMs() - before - own) / (performance.now() - startedAt) / cpus().length;
  const { pictures, textBytes } = ANSWERS[shape.model];
  const perSecond = tally.done / tally.seconds;
  return {
    answersPerSecond: perSecond,
    megabytesPerSecond: (perSecond * pictures * textBytes * 0.75) / 1e6,
    cpuMs: usage.cpuMs / tally.done,
    firstByteMs: (alone ?? tally).firstByteMs,
    pictureMs: (alone ?? tally).pictureMs,
    growthMb: Math.max(0, usage.peakBytes - usage.baselineBytes) / 1e6,
    stallMs: usage.stallMs,
    disturbance: Math.min(1, Math.max(0, foreign)),
  };
}

/** The time that all processors have worked since the machine started. */
const busyMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
