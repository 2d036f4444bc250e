import { MAX_TIMER_MS } from "./max-timer";

/** Rejects like this when time is up. */
export class DeadlineError extends Error {
  constructor() {
    super("The time limit was reached.");
    this.name = "DeadlineError";
  }
}

/**
 * Runs `work` with a signal that aborts after `ms` or with `parent`, and settles then even when `work` never does.
 * Where `parent` has aborted already `work` is not begun.
 *
 * @throws DeadlineError when time is up; the parent's reason when that aborted.
 */
export async function withDeadline<T>(
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const onParent = () => controller.abort(parent?.reason);
  parent?.addEventListener("abort", onParent, { once: true });
  try {
    const begun = work(signal);
    // What is done already needs no clock.
    if (isPromise(begun)) return await settledWithin(ms, controller, begun);
    signal.throwIfAborted();
    return begun;
  } finally {
    parent?.removeEventListener("abort", onParent);
  }
}

async function settledWithin<T>(ms: number, controller: AbortController, begun: Promise<T>): Promise<T> {
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(new DeadlineError()), Math.min(ms, MAX_TIMER_MS));
  let onAbort = () => {};
  try {
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
    return await Promise.race([begun, aborted]);
  } catch (error) {
    // The work may have heard of it first, and say what it made of it.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === "object" && value !== null && "then" in value;
