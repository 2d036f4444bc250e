import { setTimeout as delay } from "node:timers/promises";
import { isUnavailable } from "./unavailable";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** What came of a job is worth waiting this long for Redis to come back. */
const PATIENCE_MS = 60_000;

/** Does again what Redis was not there for, for a minute at most, as long as `isWorthIt`. */
export async function patiently<T>(work: () => Promise<T>, isWorthIt: () => boolean): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || performance.now() > until || !isWorthIt()) throw error;
    }
    await delay(pause, undefined, { ref: false });
  }
}
