import { isPromise } from "./and-then";
import { MAX_TIMER_MS } from "./max-timer";
import { Stop, type Stopping } from "./stop";

/** Rejects like this when time is up. */
export class DeadlineError extends Error {
  constructor() {
    super("The time limit was reached.");
    this.name = "DeadlineError";
  }
}

/**
 * Runs `work` for so long, or until `parent` aborts, and settles then even when `work` never does. Where `parent` has aborted already
 * `work` is not begun.
 *
 * @throws DeadlineError when time is up; the parent's reason when that aborted.
 */
export async function withDeadline<T>(
  ms: number,
  parent: Stopping | undefined,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const limit = new Stop();
  const leave = parent && limit.follow(parent);
  try {
    const begun = work(limit.signal);
    // What is done already needs no clock.
    if (isPromise(begun)) return await settled(ms, limit, begun);
    limit.throwIfAborted();
    return begun;
  } finally {
    leave?.();
  }
}

/**
 * {@link withDeadline}, for work that is mostly done at once: its outcome is there at once then, and it hears of the parent's abort, if it asks,
 * once it has begun.
 */
export function within<T>(
  ms: number,
  parent: Stopping,
  work: (limit: Stop) => T | Promise<T>,
): T | Promise<T> {
  parent.throwIfAborted();
  const limit = new Stop();
  const begun = work(limit);
  if (isPromise(begun)) return following(ms, parent, limit, begun);
  parent.throwIfAborted();
  return begun;
}

async function following<T>(ms: number, parent: Stopping, limit: Stop, begun: Promise<T>): Promise<T> {
  const leave = limit.follow(parent);
  try {
    return await settled(ms, limit, begun);
  } finally {
    leave();
  }
}

async function settled<T>(ms: number, limit: Stop, begun: Promise<T>): Promise<T> {
  const timer = setTimeout(() => limit.abort(new DeadlineError()), Math.min(ms, MAX_TIMER_MS));
  try {
    const stopped = new Promise<never>((_, reject) => {
      const onStop = () => reject(limit.reason);
      if (limit.aborted) onStop();
      else limit.addEventListener("abort", onStop);
    });
    return await Promise.race([begun, stopped]);
  } catch (error) {
    // The work may have heard of it first, and say what it made of it.
    throw limit.aborted ? limit.reason : error;
  } finally {
    clearTimeout(timer);
  }
}
