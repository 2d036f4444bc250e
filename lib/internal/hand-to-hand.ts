/** Passes values from one hand to another: the giver waits until the taker has come for more. */
export interface HandToHand<T> {
  /** Resolves when the value has been used, or nobody takes any more. */
  give(value: T): Promise<void>;
  /** Nothing more will come; with an error, that it broke off. */
  end(error?: unknown): void;
  /** The taker's side, once. Leaving it lets the giver go on alone. */
  readonly taken: AsyncIterable<T>;
  /** Nobody will take any more, be it that nobody ever has. */
  leave(): void;
  readonly hasLeft: boolean;
}

export function handToHand<T>(): HandToHand<T> {
  let waiting: { readonly value: T; readonly used: () => void } | undefined;
  let end: { readonly error: unknown } | undefined;
  let hasLeft = false;
  let wake = () => {};

  async function* take(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (waiting === undefined && end === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const next = waiting;
        if (next === undefined) break;
        yield next.value;
        waiting = undefined;
        next.used();
      }
      if (end?.error !== undefined) throw end.error;
    } finally {
      leave();
    }
  }
  function leave(): void {
    hasLeft = true;
    waiting?.used();
  }

  return {
    give(value) {
      if (hasLeft) return Promise.resolve();
      return new Promise<void>((used) => {
        waiting = { value, used };
        wake();
      });
    },
    end(error) {
      end = { error };
      wake();
    },
    taken: take(),
    leave,
    get hasLeft() {
      return hasLeft;
    },
  };
}
