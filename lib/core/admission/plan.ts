import { randomInt } from "node:crypto";
import type { Candidate, TaskFields } from "../../ports";

/** One upstream call of a job. */
export interface PlannedCall {
  readonly index: number;
  /** Where its first image stands in the job. */
  readonly firstImage: number;
  readonly fields: TaskFields;
}

/** What a job is going to do; settled at admission, so that a change of the registry does not touch it. */
export interface Plan {
  readonly candidate: Candidate;
  readonly calls: readonly PlannedCall[];
  /** Calls at the same time. */
  readonly concurrency: number;
  readonly n: number;
  readonly size: TaskFields["size"];
}

const DEFAULT_IMAGES_PER_CALL = 10;
const DEFAULT_CONCURRENCY = 2;
/** crypto.randomInt draws below 2^48; plenty, and every upstream takes it. */
const SEED_SPACE = 2 ** 48 - 1;

/** Splits n by what one call can make; the calls of a split get seeds that differ, else upstreams return the same picture n times. */
export function planCalls(candidate: Candidate, fields: TaskFields): Plan {
  const { limits, params } = candidate.card;
  const perCall = Math.max(1, Math.min(limits?.n ?? DEFAULT_IMAGES_PER_CALL, fields.n));
  const isSplit = perCall < fields.n;
  const firstSeed = fields.seed ?? (isSplit && params?.seed !== false ? randomInt(SEED_SPACE) : undefined);

  const calls: PlannedCall[] = [];
  for (let firstImage = 0; firstImage < fields.n; firstImage += perCall) {
    const n = Math.min(perCall, fields.n - firstImage);
    const seed = firstSeed === undefined ? {} : { seed: seedAfter(firstSeed, firstImage) };
    calls.push({ index: calls.length, firstImage, fields: { ...fields, n, ...seed } });
  }
  return {
    candidate,
    calls,
    concurrency: Math.max(1, limits?.concurrent ?? DEFAULT_CONCURRENCY),
    n: fields.n,
    size: fields.size,
  };
}

/** Wraps from 2^53-1 to 0 without passing through numbers that a double cannot hold. */
const seedAfter = (seed: number, steps: number): number =>
  seed <= Number.MAX_SAFE_INTEGER - steps ? seed + steps : steps - (Number.MAX_SAFE_INTEGER - seed) - 1;
