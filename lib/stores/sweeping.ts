import { member, textMember } from "../internal/json-shape";
import type { Logger } from "../ports";

const SWEEP_MS = 60_000;

/** Sweeps once a minute, never twice at the same time, and keeps no process alive. */
export class Sweeping {
  readonly #sweep: () => Promise<void>;
  readonly #logger: Logger | undefined;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(sweep: () => Promise<void>, logger: Logger | undefined) {
    this.#sweep = sweep;
    this.#logger = logger;
    this.#timer = setInterval(() => this.#run(), SWEEP_MS).unref();
  }

  /** Resolves when the one that is under way has ended, and may be what ends it: of that nobody has to hear. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #run(): void {
    this.#running ??= this.#sweep()
      .catch((error) => this.#warn(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Of the error only a name: its text may tell where the images lie. */
  #warn(error: unknown): void {
    if (this.#isStopped) return;
    const cause = member(error, "cause");
    const code = textMember(cause, "code") ?? textMember(cause, "name");
    try {
      const message = "The image store could not remove expired images; it tries again in a minute.";
      this.#logger?.warn({ code }, message);
    } catch {
      // A logger that throws disturbs nobody.
    }
  }
}
