/**
 * Pieces as an iterator. A class, for V8 takes an object literal with a computed member for a kind of its own each time.
 */
export class Pieces implements AsyncIterableIterator<Uint8Array> {
  readonly #next: () => Promise<Uint8Array | undefined>;
  readonly #over: () => void;
  #isOver = false;

  /**
   * @param next the next piece; `undefined`: there are no more
   * @param over called when no more will be read: at the end, when it breaks off, and when it is left
   */
  constructor(next: () => Promise<Uint8Array | undefined>, over: () => void) {
    this.#next = next;
    this.#over = over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#isOver) return this.#end();
    try {
      const value = await this.#next();
      return value === undefined ? this.#end() : { done: false, value };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    return this.#end();
  }

  #end(): IteratorResult<Uint8Array> {
    this.#isOver = true;
    this.#over();
    return { done: true, value: undefined };
  }
}
