const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;

/** Before each attempt to tell a webhook of a job's end, after the one before it has failed. A receiver may be away for two hours. */
export const NOTICE_DELAYS_MS: readonly number[] = [
  0,
  5 * SECONDS,
  30 * SECONDS,
  2 * MINUTES,
  10 * MINUTES,
  30 * MINUTES,
  80 * MINUTES,
];

/** An attempt that takes longer has failed. */
export const NOTICE_LIMIT_MS = 15 * SECONDS;

/** From the end of the job to the end of the last attempt, at most. */
export const NOTICES_MS = NOTICE_DELAYS_MS.reduce((sum, delay) => sum + delay + NOTICE_LIMIT_MS, 0);
