import { setTimeout as delay } from "node:timers/promises";
import type { Clock, JobQueue, JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import { adopted, isAdoptable, orphaned } from "../reuse";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { patiently } from "./patience";
import { textsOf } from "./reply";
import { ADOPT } from "./scripts/adopt";
import { ORPHAN } from "./scripts/orphan";
import { LEASE_MS, type Waiters } from "./waiters";

/** A line that nobody asks for goes by itself, should its jobs be gone without a sweep. */
const STALE_MS = 86_400_000;
const LOOK_AGAIN_MS = 200;

/** After how long a line of jobs of which nothing was heard goes by itself. */
export const staleMs = (ttlMs: number): number => ttlMs + STALE_MS;

/** Jobs whose callers have left, or have been left by the process where they waited. */
export function createOrphans(options: {
  readonly connections: Connections;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly waiters: Waiters;
  readonly clock: Clock;
  readonly ttlMs: number;
}): Pick<JobQueue, "abandon" | "adopt"> & {
  /** Takes an orphan out of its line, so that nobody gets it any more; `false`: it is in none. */
  withdraw(id: string): Promise<boolean>;
} {
  const { connections, keys, ledger, waiters, clock, ttlMs } = options;

  async function abandon(id: string, fingerprint: string): Promise<void> {
    waiters.left(id);
    const orphan = await ledger.change(id, ({ record }) => ({
      record: orphaned(record, clock(), fingerprint),
      what: "quiet",
    }));
    if (orphan !== undefined) await lineUp(orphan);
  }

  /** Puts an orphan into the line of its fingerprint, where it belongs by the time at which it was abandoned. */
  async function lineUp({ id, owner, fingerprint = "", abandonedAt }: JobRecord): Promise<void> {
    if (abandonedAt === undefined) return;
    const args = [`${owner}:${fingerprint}`, abandonedAt, staleMs(ttlMs), waiters.self];
    await connections.run(ORPHAN, keys.job(id), keys.prefix, id, ...args);
  }

  /** A job that was given to nobody else; `undefined`: its answer is not for another caller. */
  async function take(id: string, fingerprint: string): Promise<JobRecord | undefined> {
    try {
      const job = await ledger.change(id, ({ record }) => {
        // Of one whose process died nobody has said that its caller left.
        const orphan = record.abandonedAt === undefined ? orphaned(record, clock(), fingerprint) : record;
        return isAdoptable(orphan) ? { record: adopted(orphan), what: "quiet" } : undefined;
      });
      if (job === undefined) await waiters.answered(id);
      else waiters.began(id);
      return job;
    } catch (error) {
      // Redis is away and the caller will be refused: the job is there for the next try.
      patiently(
        () => abandon(id, fingerprint),
        () => true,
      ).catch(() => {});
      throw error;
    }
  }

  /** @param declined gets the ids of those that are for nobody else */
  async function firstOf(
    owner: string,
    fingerprint: string,
    declined: string[],
  ): Promise<JobRecord | undefined> {
    const line = `${owner}:${fingerprint}`;
    const isAlive = createObservation();
    const until = performance.now() + 2 * LEASE_MS;
    for (;;) {
      const args = [line, waiters.self, clock(), LEASE_MS, staleMs(ttlMs)];
      const [answer, ...told] = textsOf(
        await connections.run(ADOPT, keys.orphans(owner, fingerprint), keys.prefix, ...args),
      );
      if (answer === "given") {
        const [id = ""] = told;
        const job = await take(id, fingerprint);
        if (job !== undefined) return job;
        declined.push(id);
        continue;
      }
      // A caller that comes again may have waited at a process of which it is not known yet that it is dead.
      if (isAlive(told) || performance.now() > until) return undefined;
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** A live one that is for nobody else stays an orphan, to be cancelled as one. */
  async function putBack(id: string): Promise<void> {
    const job = (await ledger.read(id))?.record;
    if (job !== undefined && !isTerminal(job)) await lineUp(job);
  }

  return {
    abandon,

    async withdraw(id) {
      const job = (await ledger.read(id))?.record;
      if (job?.fingerprint === undefined || job.abandonedAt === undefined || isTerminal(job)) return false;
      const line = keys.orphans(job.owner, job.fingerprint);
      return (await connections.ask((redis) => redis.zrem(line, id))) === 1;
    },

    async adopt({ owner, fingerprint }) {
      const declined: string[] = [];
      try {
        return await firstOf(owner, fingerprint, declined);
      } finally {
        for (const id of declined) await putBack(id).catch(() => {});
      }
    },
  };
}

/** Looks at `process, beat` of each, flat, until every one of them has moved. */
function createObservation(): (beats: readonly string[]) => boolean {
  const first = new Map<string, string>();
  return (beats) => {
    let areAlive = true;
    for (let at = 0; at + 1 < beats.length; at += 2) {
      const [name = "", beat = ""] = beats.slice(at, at + 2);
      if (!first.has(name)) first.set(name, beat);
      if (first.get(name) === beat) areAlive = false;
    }
    return areAlive;
  };
}
