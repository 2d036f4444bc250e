import { withDeadline } from "../internal/deadline";
import { Roster } from "../internal/roster";

/** Answers under way, so that a close can wait until they are written. */
export interface Underway {
  /** Does the work and remembers it until it has settled, with the way to cut it short. */
  track<T>(work: () => Promise<T>, cut: () => void): Promise<T>;
  /** Resolves when what is under way now has settled. */
  settled(): Promise<unknown>;
  /** Waits until nothing is under way; what still is after `ms` is cut. */
  finish(ms: number): Promise<void>;
}

export function createUnderway(): Underway {
  const cuts = new Roster<Promise<unknown>, () => void>();
  return {
    async track(work, cut) {
      const done = work();
      cuts.set(done, cut);
      try {
        return await done;
      } finally {
        cuts.delete(done);
      }
    },
    settled: () => Promise.allSettled(cuts.keys()),
    async finish(ms) {
      try {
        await withDeadline(ms, undefined, () => Promise.allSettled(cuts.keys()));
      } catch {
        for (const cut of cuts.values()) cut();
      }
    },
  };
}
