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

interface Work {
  readonly done: Promise<unknown>;
  readonly cut: () => void;
}

export function createUnderway(): Underway {
  const works = new Roster<number, Work>();
  let count = 0;
  const settled = () => Promise.allSettled(works.values().map(({ done }) => done));
  return {
    async track(work, cut) {
      const number = count;
      count += 1;
      const done = work();
      works.set(number, { done, cut });
      try {
        return await done;
      } finally {
        works.delete(number);
      }
    },
    settled,
    async finish(ms) {
      try {
        await withDeadline(ms, undefined, settled);
      } catch {
        for (const { cut } of works.values()) cut();
      }
    },
  };
}
