import { checkOptionNames } from "../../internal/option-names";
import type { Clock } from "../../ports";

/** Options of {@link memoryJobs}. */
export interface MemoryJobsOptions {
  /**
   * Jobs at work at once, over all principals.
   * @default 64
   */
  readonly maxRunning?: number;
  /**
   * Jobs that wait, over all principals; beyond it a request is answered 503 `queue_full`.
   * @default 1000
   */
  readonly maxQueued?: number;
  /**
   * Jobs that have ended and can still be read; the oldest go first.
   * @default 10000
   */
  readonly maxKept?: number;
  /**
   * How long a job that has ended can be read, in seconds.
   * @default 3600
   */
  readonly ttlSeconds?: number;
  /**
   * Where the time comes from.
   * @default Date.now
   */
  readonly clock?: Clock;
}

const DEFAULTS = {
  maxRunning: 64,
  maxQueued: 1_000,
  maxKept: 10_000,
  ttlSeconds: 3_600,
  clock: () => Date.now(),
};
const LEAST = { maxRunning: 1, maxQueued: 0, maxKept: 1, ttlSeconds: 1 };

/** @throws TypeError that names the option and the remedy */
export function resolveOptions(options: MemoryJobsOptions): Required<MemoryJobsOptions> {
  checkOptionNames("memoryJobs", options, Object.keys(DEFAULTS));
  const resolved = {
    maxRunning: options.maxRunning ?? DEFAULTS.maxRunning,
    maxQueued: options.maxQueued ?? DEFAULTS.maxQueued,
    maxKept: options.maxKept ?? DEFAULTS.maxKept,
    ttlSeconds: options.ttlSeconds ?? DEFAULTS.ttlSeconds,
    clock: options.clock ?? DEFAULTS.clock,
  };
  for (const name of ["maxRunning", "maxQueued", "maxKept", "ttlSeconds"] as const) {
    if (Number.isSafeInteger(resolved[name]) && resolved[name] >= LEAST[name]) continue;
    throw new TypeError(
      `memoryJobs: "${name}" must be a whole number of at least ${LEAST[name]}. Correct or leave it out.`,
    );
  }
  if (typeof resolved.clock !== "function") {
    throw new TypeError(
      'memoryJobs: "clock" must be a function that gives epoch milliseconds. Correct or leave it out.',
    );
  }
  return resolved;
}
