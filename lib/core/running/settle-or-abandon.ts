import type { Stop } from "../../internal/stop";

const GRACE_MS = 1_000;

/**
 * Waits for work that was told to stop; work that does not settle within a second of that is left to itself, its late outcome ignored.
 *
 * @throws the reason to stop when the work was abandoned
 */
export async function settleOrAbandon<T>(work: Promise<T>, stop: Stop): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let leave = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    leave = stop.listen((reason) => {
      timer = setTimeout(() => reject(reason), GRACE_MS);
    });
  });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    leave();
    work.catch(() => {});
  }
}
