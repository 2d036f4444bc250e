import { isPromise } from "./and-then";
import { MAX_TIMER_MS } from "./max-timer";

/** Rejects like this when time is up. */
export class DeadlineError extends Error {
  constructor() {
    super("The time limit was reached.");
    this.name = "DeadlineError";
  }
}

/** The time that work may take, ended before by a parent. */
export class TimeLimit {
  readonly #parent: AbortSignal | undefined;
  #controller: AbortController | undefined;
  #stop: { readonly reason: unknown } | undefined;
  #isWatching = false;
  #onStop: (reason: unknown) => void = () => {};

  constructor(parent: AbortSignal | undefined) {
    this.#parent = parent;
  }

  /** Aborts when the limit is reached. Made when it is first asked for: most work never does, and takes less time than making one. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stop !== undefined) this.#controller.abort(this.#stop.reason);
      this.#watch();
    }
    return this.#controller.signal;
  }

  /** @throws DeadlineError when time is up; the parent's reason when that aborted */
  async settled<T>(ms: number, begun: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#end(new DeadlineError()), Math.min(ms, MAX_TIMER_MS));
    try {
      const stopped = new Promise<never>((_, reject) => {
        this.#onStop = reject;
        this.#watch();
        if (this.#stop !== undefined) reject(this.#stop.reason);
      });
      return await Promise.race([begun, stopped]);
    } catch (error) {
      // The work may have heard of it first, and say what it made of it.
      throw this.#stop === undefined ? error : this.#stop.reason;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The work is over: nothing can end it any more. */
  release(): void {
    if (this.#isWatching) this.#parent?.removeEventListener("abort", this.#onParent);
  }

  #watch(): void {
    if (this.#isWatching || this.#parent === undefined) return;
    this.#isWatching = true;
    if (this.#parent.aborted) this.#onParent();
    else this.#parent.addEventListener("abort", this.#onParent, { once: true });
  }

  readonly #onParent = () => this.#end(this.#parent?.reason);

  #end(reason: unknown): void {
    if (this.#stop !== undefined) return;
    this.#stop = { reason };
    this.#controller?.abort(reason);
    this.#onStop(reason);
  }
}

/**
 * Runs `work` for so long, or until `parent` aborts, and settles then even when `work` never does. Where `parent` has aborted already
 * `work` is not begun.
 *
 * @throws DeadlineError when time is up; the parent's reason when that aborted.
 */
export async function within<T>(
  ms: number,
  parent: AbortSignal | undefined,
  work: (limit: TimeLimit) => T | Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const limit = new TimeLimit(parent);
  try {
    const begun = work(limit);
    // What is done already needs no clock.
    if (isPromise(begun)) return await limit.settled(ms, begun);
    parent?.throwIfAborted();
    return begun;
  } finally {
    limit.release();
  }
}

/** {@link within}, for work that needs the signal. */
export const withDeadline = <T>(
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> => within(ms, parent, ({ signal }) => work(signal));
