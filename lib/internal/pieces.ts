import { type AtHand, END, Supply } from "./supply";

/** Where pieces come from. Nothing is asked of it any more once it has failed, or has been released. */
export interface PieceSource {
  /** The next piece; `undefined`: there are no more. */
  next(): Promise<Uint8Array | undefined>;
  /** @see Supply.atHand */
  atHand?(): AtHand<Uint8Array>;
  /** @see Supply.arrival */
  arrival?(): Promise<void> | undefined;
  /** No more will be read: it has ended, broken off, or been left. */
  release?(): void;
}

/**
 * Pieces as an iterator. A class, for V8 takes an object literal with a computed member for a kind of its own each time.
 */
export class Pieces extends Supply<Uint8Array> {
  readonly #source: PieceSource;
  #isOver = false;

  constructor(source: PieceSource) {
    super();
    this.#source = source;
  }

  atHand(): AtHand<Uint8Array> {
    const piece = this.#isOver ? END : this.#source.atHand?.();
    if (piece === END) this.#end();
    return piece;
  }

  arrival(): Promise<void> | undefined {
    return this.#isOver ? undefined : this.#source.arrival?.();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return this.#end();
    try {
      const value = await this.#source.next();
      return value === undefined ? this.#end() : { done: false, value };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#end();
  }

  #end(): IteratorResult<Uint8Array, undefined> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#source.release?.();
    }
    return { done: true, value: undefined };
  }
}
