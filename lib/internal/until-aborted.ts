/**
 * Hands on what `source` yields, and rejects with the signal's reason as soon as it aborts, even while `source` hangs.
 * However it ends early, `source` is told to return and not waited for.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  // One rejecter at a time: racing each step against one promise for all would keep every step's value alive.
  let interrupt: (reason: unknown) => void = () => {};
  const onAbort = () => interrupt(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const step = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      interrupt = reject;
      iterator.next().then(resolve, reject);
    });
  let isDone = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await step();
      if (done) {
        isDone = true;
        return;
      }
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!isDone) void leave(iterator);
  }
}

async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Why the iteration ended is known already; a source that fails while it ends adds nothing.
  }
}
