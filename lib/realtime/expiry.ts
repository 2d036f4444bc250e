/** Looked at this often at least, because the wall clock may be set, and because timers hold 2^31 ms at most. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Runs once when the wall clock has reached a time, never in the same tick. A time that is no time has been reached.
 *
 * @returns the way to call it off
 */
export function atTime(time: Date, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = time.getTime() - Date.now();
    timer = setTimeout(check, left > 0 ? Math.min(left, LONGEST_WAIT_MS) : 0);
    timer.unref();
  };
  const check = () => {
    if (time.getTime() > Date.now()) wait();
    else run();
  };
  wait();
  return () => clearTimeout(timer);
}
