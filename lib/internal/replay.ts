/**
 * A stream from its beginning, after that was read to look at it.
 *
 * @param seen what was read
 * @param rest what has not been
 */
export function replay(
  seen: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncIterableIterator<Uint8Array> {
  const waiting = seen.filter((piece) => piece.byteLength > 0);
  return {
    next() {
      const value = waiting.shift();
      return value === undefined ? rest.next() : Promise.resolve({ done: false, value });
    },
    async return() {
      waiting.length = 0;
      await rest.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
