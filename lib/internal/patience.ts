/**
 * How long is waited: for one thing at a time, and for all of them together; what lies between two waits does not count. Waits begin and end
 * with every piece of a body: one timer serves them all, and looks at the clock when it rings. It never keeps the process alive.
 */
export class Patience {
  readonly #onEnd: (isTotal: boolean) => void;
  #leftMs: number;
  /** When this wait began. */
  #since = 0;
  /** When it is over; `Infinity`: nobody waits. */
  #until = Number.POSITIVE_INFINITY;
  #isTotal = false;
  #timer: NodeJS.Timeout | undefined;
  #ringsAt = Number.POSITIVE_INFINITY;

  /**
   * @param totalMs of all waits together
   * @param onEnd called when a wait takes too long; `isTotal`: all of them together do
   */
  constructor(totalMs: number, onEnd: (isTotal: boolean) => void) {
    this.#leftMs = totalMs;
    this.#onEnd = onEnd;
  }

  /** A wait begins, which may take so long; the one before has ended. */
  wait(ms: number): void {
    const now = performance.now();
    this.#rest(now);
    this.#since = now;
    this.#isTotal = this.#leftMs <= ms;
    this.#until = this.#since + Math.min(ms, this.#leftMs);
    if (this.#until < this.#ringsAt) this.#arm(this.#since);
  }

  /** Nobody waits any more. */
  rest(): void {
    if (this.#until !== Number.POSITIVE_INFINITY) this.#rest(performance.now());
  }

  /** For good. */
  end(): void {
    this.rest();
    clearTimeout(this.#timer);
  }

  #rest(now: number): void {
    if (this.#until === Number.POSITIVE_INFINITY) return;
    this.#leftMs -= now - this.#since;
    this.#until = Number.POSITIVE_INFINITY;
  }

  #arm(now: number): void {
    clearTimeout(this.#timer);
    this.#ringsAt = this.#until;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, this.#until - now)).unref();
  }

  #ring(): void {
    this.#ringsAt = Number.POSITIVE_INFINITY;
    if (this.#until === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    if (now < this.#until) this.#arm(now);
    else {
      this.rest();
      this.#onEnd(this.#isTotal);
    }
  }
}
