/** Values that wait in line for their taker: whoever puts them there can wait until they are taken. */
export interface Line<T> {
  put(value: T): void;
  /** No more will come; with an error, that it broke off. The first end is the one. */
  end(error?: unknown): void;
  /** Resolves when nothing waits any more. */
  emptied(): Promise<void>;
  /** The next one; `undefined` at the end. @throws what it broke off with, once the line is empty */
  take(): Promise<T | undefined>;
  /** The taker does not come again. */
  leave(): void;
}

export function createLine<T>(): Line<T> {
  const waiting: T[] = [];
  let end: { readonly error: unknown } | undefined;
  let hasLeft = false;
  let wakeTaker = () => {};
  let wakePutter = () => {};
  return {
    put(value) {
      if (hasLeft || end !== undefined) return;
      waiting.push(value);
      wakeTaker();
    },
    end(error) {
      end ??= { error };
      wakeTaker();
    },
    async emptied() {
      while (waiting.length > 0) {
        await new Promise<void>((resolve) => {
          wakePutter = resolve;
        });
      }
    },
    async take() {
      while (waiting.length === 0 && end === undefined) {
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
        });
      }
      const value = waiting.shift();
      if (waiting.length === 0) wakePutter();
      if (value === undefined && end?.error !== undefined) throw end.error;
      return value;
    },
    leave() {
      hasLeft = true;
      waiting.length = 0;
      wakePutter();
    },
  };
}
