import type { Stopping } from "../../internal/stop";

const GRACE_MS = 1_000;

/**
 * Waits for work that was told to stop by `signal`; work that does not settle within a second of that is left to itself,
 * its late outcome ignored.
 *
 * @throws the signal's reason when the work was abandoned
 */
export async function settleOrAbandon<T>(work: Promise<T>, signal: Stopping): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    work.catch(() => {});
  }
}
