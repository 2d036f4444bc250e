import type { Stopping } from "./stop";
import { type AtHand, arrival, atHand, END, leave, Supply } from "./supply";

/**
 * Hands on what `source` yields, and rejects with the signal's reason as soon as it aborts, even while `source` hangs.
 * However it ends early, `source` is told to return and not waited for. It is not touched before the first value is asked for.
 */
export const untilAborted = <T>(source: AsyncIterable<T>, signal: Stopping): Supply<T> =>
  new UntilAborted(source, signal);

class UntilAborted<T> extends Supply<T> {
  readonly #source: AsyncIterable<T>;
  readonly #signal: Stopping;
  #iterator: AsyncIterator<T> | undefined;
  #isOver = false;
  // One waiting at a time: racing each step against one promise for all would keep every step's value alive.
  #interrupt: (reason: unknown) => void = nothing;
  readonly #onAbort = () => this.#interrupt(this.#signal.reason);

  constructor(source: AsyncIterable<T>, signal: Stopping) {
    super();
    this.#source = source;
    this.#signal = signal;
  }

  atHand(): AtHand<T> {
    if (this.#isOver) return END;
    const source = this.#live;
    const value = source === undefined ? undefined : atHand(source);
    if (value === END) this.#end();
    return value;
  }

  arrival(): Promise<void> | undefined {
    const source = this.#live;
    const coming = source === undefined ? undefined : arrival(source);
    if (coming === undefined) return undefined;
    return new Promise((resolve) => {
      this.#interrupt = () => resolve();
      void coming.then(resolve);
    });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#leave();
        reject(error);
      };
      const take = ({ done, value }: IteratorResult<T>) => {
        this.#interrupt = nothing;
        if (done) this.#end();
        resolve(done ? DONE : { done: false, value });
      };
      if (this.#isOver) return resolve(DONE);
      if (this.#signal.aborted) return fail(this.#signal.reason);
      this.#interrupt = fail;
      try {
        this.#begun().next().then(take, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#leave();
    return DONE;
  }

  /** The source while it is read. */
  get #live(): AsyncIterator<T> | undefined {
    return this.#isOver || this.#signal.aborted ? undefined : this.#iterator;
  }

  #begun(): AsyncIterator<T> {
    if (this.#iterator === undefined) {
      this.#iterator = this.#source[Symbol.asyncIterator]();
      this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    return this.#iterator;
  }

  #end(): void {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#end();
    if (this.#iterator !== undefined) void leave(this.#iterator);
  }
}

const nothing = () => {};

const DONE = { done: true, value: undefined } as const;
