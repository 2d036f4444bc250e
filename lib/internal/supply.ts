/** What a supply has at hand behind its last value: no more will come, and nothing of it is left to be released. */
export const END = Symbol("end");

/** `undefined`: nothing now. */
export type AtHand<T> = T | typeof END | undefined;

/**
 * Values that come over time, as from any iterator, and that can be taken without a promise where they are there. A piece of a picture
 * goes through ten hands: a promise in each of them costs more than all that is done with the piece.
 *
 * One thing is asked of it at a time, and no value is `undefined`. Whoever makes it return while another waits tells that one why.
 */
export abstract class Supply<T> implements AsyncIterableIterator<T, undefined> {
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next value, whenever it comes: what is told by neither of the others, `next` tells. */
  abstract next(): Promise<IteratorResult<T, undefined>>;
  abstract return(): Promise<IteratorResult<T, undefined>>;
  /** Takes the next value, or the end, where it is there. Never throws. */
  abstract atHand(): AtHand<T>;
  /**
   * Resolves when there may be something at hand or for `next` to tell; `undefined`: there is already, or only `next` can know. It counts as waiting
   * until something is taken, `next` is asked, or it is left. Never rejects.
   */
  abstract arrival(): Promise<void> | undefined;
}

const isSupply = <T>(source: AsyncIterator<T>): source is Supply<T> => source instanceof Supply;

/** What an iterator has at hand, if it is a supply. */
export const atHand = <T>(source: AsyncIterator<T>): AtHand<T> =>
  isSupply(source) ? source.atHand() : undefined;

/** When to look again what an iterator has at hand, if it is a supply. */
export const arrival = <T>(source: AsyncIterator<T>): Promise<void> | undefined =>
  isSupply(source) ? source.arrival() : undefined;

/** Waits for what an iterator has not at hand: its next value, or its end. */
export async function coming<T>(source: AsyncIterator<T>): Promise<T | typeof END> {
  for (let wait = arrival(source); wait !== undefined; wait = arrival(source)) {
    await wait;
    const value = atHand(source);
    if (value !== undefined) return value;
  }
  const { done, value } = await source.next();
  return done ? END : value;
}

/**
 * Does something with each value, as `for await` would.
 *
 * @param use what it answers with is waited for, `undefined` is not
 */
export async function forEach<T>(
  source: AsyncIterable<T>,
  use: (value: T) => Promise<void> | undefined,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const value = atHand(iterator) ?? (await coming(iterator));
    if (value === END) return;
    try {
      const used = use(value);
      if (used !== undefined) await used;
    } catch (error) {
      await leave(iterator);
      throw error;
    }
  }
}

/** Tells an iterator to return. Why the iteration ended is known already: a source that fails while it ends adds nothing. */
export async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {}
}
