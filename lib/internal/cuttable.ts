/** A source that can be cut off from outside. */
export class Cuttable<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterator<T>;
  #cutting: { readonly reason: unknown } | undefined;
  #interrupt: (reason: unknown) => void = () => {};

  constructor(source: AsyncIterator<T>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.#cutting !== undefined) return reject(this.#cutting.reason);
      this.#interrupt = reject;
      this.#source.next().then(resolve, reject);
    });
  }

  async return(): Promise<IteratorResult<T>> {
    if (this.#cutting === undefined) await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** Whoever takes from it fails with the reason, even while the source hangs; the source itself is left alone then. */
  cut(reason: unknown): void {
    this.#cutting ??= { reason };
    this.#interrupt(reason);
  }
}
