/** A time limit that can be paused: only the time it runs counts. Never keeps the process alive. */
export class Countdown {
  readonly #onEnd: () => void;
  #leftMs: number;
  #runningSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, onEnd: () => void) {
    this.#leftMs = ms;
    this.#onEnd = onEnd;
  }

  run(): void {
    if (this.#timer) return;
    this.#runningSince = performance.now();
    this.#timer = setTimeout(this.#onEnd, Math.max(this.#leftMs, 0)).unref();
  }

  pause(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#runningSince;
  }
}
