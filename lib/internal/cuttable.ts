import { type AtHand, arrival, atHand, Supply } from "./supply";

/** A source that can be cut off from outside. */
export class Cuttable<T> extends Supply<T> {
  readonly #source: AsyncIterator<T>;
  #cutting: { readonly reason: unknown } | undefined;
  #interrupt: (reason: unknown) => void = () => {};

  constructor(source: AsyncIterator<T>) {
    super();
    this.#source = source;
  }

  atHand(): AtHand<T> {
    return this.#cutting === undefined ? atHand(this.#source) : undefined;
  }

  arrival(): Promise<void> | undefined {
    const coming = this.#cutting === undefined ? arrival(this.#source) : undefined;
    if (coming === undefined) return undefined;
    return new Promise((resolve) => {
      this.#interrupt = () => resolve();
      void coming.then(resolve);
    });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#cutting !== undefined) return reject(this.#cutting.reason);
      this.#interrupt = reject;
      this.#source.next().then(resolve, reject);
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    if (this.#cutting === undefined) await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** Whoever takes from it fails with the reason, even while the source hangs; the source itself is left alone then. */
  cut(reason: unknown): void {
    this.#cutting ??= { reason };
    this.#interrupt(reason);
  }
}
