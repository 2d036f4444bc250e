import { MAX_TIMER_MS } from "../internal/max-timer";

/** How long one exchange with an upstream may take, phase by phase; all in milliseconds. */
export interface HttpLimits {
  /** Name look-up, TCP and TLS together. @default 5000 */
  readonly connectMs: number;
  /** From the connection to the last byte of the request. @default 30000 */
  readonly writeMs: number;
  /** From the last byte of the request to the end of the answer's headers; between two events of a stream as well. @default 180000 */
  readonly firstByteMs: number;
  /** Between two pieces of the body of any other answer; runs only while somebody waits for one. @default 30000 */
  readonly idleMs: number;
  /** The whole exchange, without the time in which nobody waits for it. @default 300000 */
  readonly totalMs: number;
}

const DEFAULTS: HttpLimits = {
  connectMs: 5_000,
  writeMs: 30_000,
  firstByteMs: 180_000,
  idleMs: 30_000,
  totalMs: 300_000,
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError naming the limit that is no duration.
 */
export function resolveLimits(given: Partial<HttpLimits> = {}): HttpLimits {
  const limits: Record<keyof HttpLimits, number> = { ...DEFAULTS };
  for (const name of ["connectMs", "writeMs", "firstByteMs", "idleMs", "totalMs"] as const) {
    const ms = given[name] ?? DEFAULTS[name];
    if (!Number.isInteger(ms) || ms < 1 || ms > MAX_TIMER_MS) {
      throw new RangeError(`limits.${name} is ${ms}: give whole milliseconds between 1 and ${MAX_TIMER_MS}`);
    }
    limits[name] = ms;
  }
  return Object.freeze(limits);
}
