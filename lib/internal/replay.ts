import { type AtHand, arrival, atHand, Supply } from "./supply";

/**
 * A stream from its beginning, after that was read to look at it.
 *
 * @param seen what was read
 * @param rest what has not been
 */
export const replay = (seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): Supply<Uint8Array> =>
  new Replay(seen, rest);

class Replay extends Supply<Uint8Array> {
  readonly #waiting: Uint8Array[];
  readonly #rest: AsyncIterator<Uint8Array>;

  constructor(seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>) {
    super();
    this.#waiting = seen.filter((piece) => piece.byteLength > 0);
    this.#rest = rest;
  }

  atHand(): AtHand<Uint8Array> {
    return this.#waiting.shift() ?? atHand(this.#rest);
  }

  arrival(): Promise<void> | undefined {
    return this.#waiting.length > 0 ? undefined : arrival(this.#rest);
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#waiting.shift();
    return value === undefined ? this.#rest.next() : Promise.resolve({ done: false, value });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#waiting.length = 0;
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }
}
