import type { JobRecord } from "../ports";

const KEPT = 20;

/** How fast jobs have ended lately, which tells about when one that waits will start. */
export interface RecentEnds {
  /** Jobs that never started say nothing. */
  add(job: Pick<JobRecord, "startedAt" | "completedAt">): void;
  /** @param place 1 = next @returns milliseconds from now; `undefined` as long as nothing has ended */
  waitMs(place: number): number | undefined;
}

export function createRecentEnds(): RecentEnds {
  const ends: { readonly at: number; readonly tookMs: number }[] = [];
  return {
    add({ startedAt, completedAt }) {
      if (startedAt === undefined || completedAt === undefined) return;
      ends.push({ at: completedAt, tookMs: completedAt - startedAt });
      if (ends.length > KEPT) ends.shift();
    },
    waitMs(place) {
      const first = ends[0];
      const last = ends.at(-1);
      if (first === undefined || last === undefined) return undefined;
      const mean = ends.reduce((sum, { tookMs }) => sum + tookMs, 0) / ends.length;
      // Several at once end more often than each takes; after a quiet time they seem to end more rarely.
      const apart = ends.length === 1 ? mean : (last.at - first.at) / (ends.length - 1);
      return Math.round(place * Math.min(mean, apart));
    },
  };
}
