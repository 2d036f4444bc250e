import { randomInt } from "node:crypto";
import { defined } from "../../internal/defined";
import type { Candidate, JobPlan, JobRecord, TaskFields } from "../../ports";

/** One upstream call of a job. */
export interface PlannedCall {
  readonly index: number;
  /** Where its first image stands in the job. */
  readonly firstImage: number;
  readonly fields: TaskFields;
}

const DEFAULT_IMAGES_PER_CALL = 10;
const DEFAULT_CONCURRENCY = 2;
/** crypto.randomInt draws below 2^48; plenty, and every upstream takes it. */
const SEED_SPACE = 2 ** 48 - 1;

export type PlanOptions = Pick<JobPlan, "keeps" | "limitMs" | "onDisconnect" | "convert">;

/** Splits n by what one call can make; the calls of a split get seeds that differ, else upstreams return the same picture n times. */
export function planJob({ card }: Candidate, fields: TaskFields, options: PlanOptions): JobPlan {
  const { id, limits, params, stream, cancel, resume, namesFirst } = card;
  const { prompt: _none, n: images, seed, ...common } = fields;
  const perCall = Math.max(1, Math.min(limits?.n ?? DEFAULT_IMAGES_PER_CALL, images));
  const isSplit = perCall < images;
  const firstSeed = seed ?? (isSplit && params?.seed !== false ? randomInt(SEED_SPACE) : undefined);

  const calls: JobPlan["calls"][number][] = [];
  for (let firstImage = 0; firstImage < images; firstImage += perCall) {
    const n = Math.min(perCall, images - firstImage);
    calls.push(defined({ n, seed: firstSeed === undefined ? undefined : seedAfter(firstSeed, firstImage) }));
  }
  return {
    card: defined({ id, stream, cancel, resume, namesFirst }),
    fields: common,
    calls,
    concurrency: Math.max(1, limits?.concurrent ?? DEFAULT_CONCURRENCY),
    ...options,
  };
}

/** The calls of a job, each with all that it asks for. */
export function callsOf({ plan, request: { prompt } }: Pick<JobRecord, "plan" | "request">): PlannedCall[] {
  // A copy made through JSON has no null prototype, which tasks promise.
  const extra: TaskFields["extra"] = Object.assign(Object.create(null), plan.fields.extra);
  let firstImage = 0;
  return plan.calls.map(({ n, ...seed }, index) => {
    const call = { index, firstImage, fields: { ...plan.fields, extra, prompt, n, ...seed } };
    firstImage += n;
    return call;
  });
}

/** Wraps from 2^53-1 to 0 without passing through numbers that a double cannot hold. */
const seedAfter = (seed: number, steps: number): number =>
  seed <= Number.MAX_SAFE_INTEGER - steps ? seed + steps : steps - (Number.MAX_SAFE_INTEGER - seed) - 1;
