/** A source that can be cut off from outside. */
export interface Cuttable<T> {
  /** Fails with the reason once it is cut, even while the source hangs; the source itself is left alone then. */
  readonly taken: AsyncIterableIterator<T>;
  cut(reason: unknown): void;
}

export function cuttable<T>(source: AsyncIterator<T>): Cuttable<T> {
  let cutting: { readonly reason: unknown } | undefined;
  let interrupt: (reason: unknown) => void = () => {};
  return {
    taken: {
      next: () =>
        new Promise((resolve, reject) => {
          if (cutting !== undefined) return reject(cutting.reason);
          interrupt = reject;
          source.next().then(resolve, reject);
        }),
      async return() {
        if (cutting === undefined) await source.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
    cut(reason) {
      cutting ??= { reason };
      interrupt(reason);
    },
  };
}
