import { type AtHand, END, Supply } from "./supply";

/** A supply that goes on step by step, as far as it can without waiting. What is wrong ends it: that is told once. */
export abstract class Stepped<T> extends Supply<T> {
  /** What was wrong with what was at hand: `next` tells it. */
  #failure: { readonly error: unknown } | undefined;

  /** Goes on to the next value; `undefined`: for that something has to be waited for. */
  protected abstract step(): AtHand<T>;
  /** Waits for that. */
  protected abstract wait(): Promise<void>;
  /** When that may be there; `undefined`: only waiting shows. */
  protected abstract waiting(): Promise<void> | undefined;
  /** What is thrown for what was wrong. */
  protected abstract explained(error: unknown): unknown;

  atHand(): AtHand<T> {
    if (this.#failure !== undefined) return undefined;
    try {
      return this.step();
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }

  arrival(): Promise<void> | undefined {
    return this.#failure === undefined ? this.waiting() : undefined;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        const value = this.#failure === undefined ? this.step() : this.#fail(this.#failure.error);
        if (value === END) return { done: true, value: undefined };
        if (value !== undefined) return { done: false, value };
        await this.wait();
      }
    } catch (error) {
      await this.return();
      throw this.explained(error);
    }
  }

  #fail(error: unknown): never {
    this.#failure = undefined;
    throw error;
  }
}
