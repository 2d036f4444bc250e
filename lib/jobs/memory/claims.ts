import type { JobRecord } from "../../ports";
import { isTerminal } from "../../ports";

import { holdsKey, isAdoptable } from "../reuse";
import type { Records } from "./records";

/** Which job answers for an idempotency key, and which have nobody who waits for them. */
export interface Claims {
  /** The job that bears the key, as long as it answers for it. */
  bearing(idempotencyKey: string): JobRecord | undefined;
  bear(idempotencyKey: string, id: string): void;
  abandoned(job: JobRecord): void;
  /** The orphan that was abandoned first. It is none from now on. */
  adopt(owner: string, fingerprint: string): JobRecord | undefined;
  /** Takes an orphan out of its line, so that nobody gets it any more; `false`: it is in none. */
  withdraw(id: string): boolean;
  /** The job is gone. */
  forget(job: JobRecord): void;
}

export function createClaims(records: Pick<Records, "get">): Claims {
  const byKey = new Map<string, string>();
  /** In the order in which they were abandoned. */
  const orphans = new Map<string, Set<string>>();
  const lineOf = (owner: string, fingerprint = "") => `${owner} ${fingerprint}`;

  const leave = (line: string, id: string): boolean => {
    const waiting = orphans.get(line);
    const wasIn = waiting?.delete(id) ?? false;
    if (waiting?.size === 0) orphans.delete(line);
    return wasIn;
  };

  return {
    bearing(key) {
      const job = records.get(byKey.get(key) ?? "");
      if (job !== undefined && holdsKey(job)) return job;
      byKey.delete(key);
      return undefined;
    },
    bear: (key, id) => void byKey.set(key, id),
    abandoned(job) {
      const line = lineOf(job.owner, job.fingerprint);
      leave(line, job.id);
      orphans.set(line, (orphans.get(line) ?? new Set()).add(job.id));
    },
    adopt(owner, fingerprint) {
      const line = lineOf(owner, fingerprint);
      for (const id of [...(orphans.get(line) ?? [])]) {
        const job = records.get(id);
        const isGiven = job !== undefined && isAdoptable(job);
        // A live one that is for nobody else stays an orphan, to be cancelled as one.
        if (isGiven || job === undefined || isTerminal(job)) leave(line, id);
        if (isGiven) return job;
      }
      return undefined;
    },
    withdraw(id) {
      const job = records.get(id);
      return job !== undefined && leave(lineOf(job.owner, job.fingerprint), id);
    },
    forget(job) {
      const { id, owner, fingerprint, idempotencyKey } = job;
      leave(lineOf(owner, fingerprint), id);
      if (idempotencyKey !== undefined && byKey.get(idempotencyKey) === id) byKey.delete(idempotencyKey);
    },
  };
}
