import type { Clock, JobPage, JobQueue, JobRecord } from "../../ports";

import { isTerminal } from "../../ports";
import { createEnded } from "./ended";

/** The latest record of every job; those that have ended are kept for a while, and only so many. */
export interface Records {
  get(id: string): JobRecord | undefined;
  put(record: JobRecord): void;
  delete(id: string): void;
  page(query: Parameters<JobQueue["list"]>[0]): JobPage;
}

/** @param options `onGone` hears of each record that is no longer kept */
export function createRecords(options: {
  readonly maxKept: number;
  readonly clock: Clock;
  readonly onGone: (record: JobRecord) => void;
}): Records {
  const byId = new Map<string, JobRecord>();
  /** Sets keep the order in which ids came. */
  const byOwner = new Map<string, Set<string>>();
  const ended = createEnded(byId);

  const remove = (id: string) => {
    const record = byId.get(id);
    if (record === undefined) return;
    byId.delete(id);
    if (isTerminal(record)) ended.removed();
    const siblings = byOwner.get(record.owner);
    siblings?.delete(id);
    if (siblings?.size === 0) byOwner.delete(record.owner);
    options.onGone(record);
  };

  /** Before that nothing has to go for its age: all live for the same time. */
  let nextExpiry = 0;
  const sweep = () => {
    const now = options.clock();
    if (ended.size <= options.maxKept && nextExpiry > now) return;
    for (let first = ended.first(); first !== undefined; first = ended.first()) {
      const { id, expiresAt = 0 } = first;
      nextExpiry = expiresAt;
      if (ended.size <= options.maxKept && expiresAt > now) return;
      remove(id);
    }
    nextExpiry = 0;
  };

  return {
    get(id) {
      const record = byId.get(id);
      // One that has not ended does not go.
      if (record?.expiresAt === undefined) return record;
      sweep();
      return byId.get(id);
    },
    put(record) {
      if (!byId.has(record.id)) {
        const siblings = byOwner.get(record.owner) ?? new Set();
        byOwner.set(record.owner, siblings.add(record.id));
      }
      const before = byId.get(record.id);
      byId.set(record.id, record);
      if (!isTerminal(record) || (before !== undefined && isTerminal(before))) return;
      ended.add(record.id);
      sweep();
    },
    delete: remove,
    page({ owner, limit, after, order, live }) {
      sweep();
      const ids = [...(byOwner.get(owner) ?? [])];
      if (order !== "asc") ids.reverse();
      const first = after === undefined ? 0 : ids.indexOf(after) + 1;
      // A cursor that is gone, or that is somebody else's, has nothing behind it.
      if (after !== undefined && first === 0) return { jobs: [], hasMore: false };
      const jobs: JobRecord[] = [];
      for (const id of ids.slice(first)) {
        const job = byId.get(id);
        if (job === undefined || (live && isTerminal(job))) continue;
        if (jobs.length === limit) return { jobs, hasMore: true };
        jobs.push(job);
      }
      return { jobs, hasMore: false };
    },
  };
}
