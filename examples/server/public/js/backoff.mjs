// @ts-check

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * How long to wait before the next try: doubling, and never in step with other clients.
 *
 * @param {number} attempt from 0
 */
export function delayBefore(attempt, random = Math.random) {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(full * (0.75 + random() * 0.25));
}
