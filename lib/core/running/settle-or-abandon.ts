import type { Stopping } from "../../internal/stop";

const GRACE_MS = 1_000;

/**
 * Waits for work that was told to stop by `signal`; work that does not settle within a second of that is left to itself,
 * its late outcome ignored.
 *
 * @throws the signal's reason when the work was abandoned
 */
export const settleOrAbandon = <T>(work: Promise<T>, signal: Stopping): Promise<T> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS);
    };
    const leave = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    work.then(
      (value) => {
        leave();
        resolve(value);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
