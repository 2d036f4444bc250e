import { isPromise } from "./and-then";
import { NOTHING } from "./nothing";
import { arrival, atHand, Supply } from "./supply";

/** What a stream goes through, piece by piece. Every member is optional: what is left out changes nothing. */
export interface Stage {
  /** What it makes anew of a piece is needed only until the next one is asked for. */
  readonly lent?: () => void;
  /** Somebody asks for the first piece. */
  readonly begun?: () => void;
  /** What goes on in place of the piece; an empty one goes no further. */
  readonly piece?: (piece: Uint8Array) => Uint8Array;
  /** The stream has ended: what comes behind its last piece. */
  readonly end?: () => Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** What is thrown in place of what broke the stream on its way here. */
  readonly broken?: (error: unknown) => unknown | Promise<unknown>;
  /** No more will be read; told once. `isWhole`: all of it has been. */
  readonly over?: (isWhole: boolean) => void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * A stream of bytes on its way through stages. However many there are, a piece goes through them in one go: as many async generators, one
 * around the other, would cost a picture more time than all that happens in them.
 */
export class Flow extends Supply<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #stages: readonly Stage[];
  /** The stage that is at work; -1: the source is. */
  #at = -1;
  #isBegun = false;
  #isEnded = false;
  #isOver = false;
  /** What a stage has thrown at a piece that was at hand: `next` tells it. */
  #failure: { readonly error: unknown } | undefined;

  private constructor(source: AsyncIterator<Uint8Array>, stages: readonly Stage[]) {
    super();
    this.#source = source;
    this.#stages = stages;
  }

  /** @param source read once; told to return when the flow is left, or breaks on its way */
  static from(source: AsyncIterable<Uint8Array>): Flow {
    return source instanceof Flow ? source : new Flow(source[Symbol.asyncIterator](), []);
  }

  /**
   * The reader has done with each piece when it asks for the next: pieces may come in the same memory then, which saves making and clearing away as much as
   * the stream is long. To be said before anything is read. Who wraps or copies the stream has a stream that knows nothing of it, and pieces of its own.
   */
  lent(): this {
    for (const { lent } of this.#stages) lent?.();
    return this;
  }

  /** The same stream with another stage behind the others. Take this one's place before anything was read. */
  through(stage: Stage): Flow {
    return new Flow(this.#source, [...this.#stages, stage]);
  }

  atHand(): Uint8Array | undefined {
    if (!this.#isFlowing) return undefined;
    try {
      for (;;) {
        const given = atHand(this.#source);
        if (given === undefined) return undefined;
        const piece = this.#passed(given, 0);
        if (piece.length > 0) return piece;
      }
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }

  arrival(): Promise<void> | undefined {
    return this.#isFlowing ? arrival(this.#source) : undefined;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      if (!this.#isBegun) this.#begin();
      if (this.#failure !== undefined && !this.#isEnded) throw this.#failure.error;
      while (!this.#isEnded) {
        this.#at = -1;
        const { done, value } = await this.#source.next();
        const piece = done ? await this.#last() : this.#passed(value, 0);
        if (piece.length > 0) return { done: false, value: piece };
      }
      this.#over(true);
      return DONE;
    } catch (error) {
      throw await this.#broken(error);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isEnded = true;
    if (this.#isOver) return DONE;
    this.#over(false);
    await this.#source.return?.();
    return DONE;
  }

  get #isFlowing(): boolean {
    return this.#isBegun && !this.#isEnded && this.#failure === undefined;
  }

  #begin(): void {
    this.#isBegun = true;
    for (const { begun } of this.#stages) begun?.();
  }

  #passed(given: Uint8Array, first: number): Uint8Array {
    let piece = given;
    for (let at = first; at < this.#stages.length; at += 1) {
      this.#at = at;
      piece = this.#stages[at]?.piece?.(piece) ?? piece;
      if (piece.length === 0) break;
    }
    return piece;
  }

  async #last(): Promise<Uint8Array> {
    this.#isEnded = true;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < this.#stages.length; at += 1) {
      this.#at = at;
      const last = this.#stages[at]?.end?.();
      const piece = isPromise(last) ? await last : last;
      if (piece !== undefined) pieces.push(this.#passed(piece, at + 1));
    }
    return pieces.length === 0 ? NOTHING : Buffer.concat(pieces);
  }

  /** Whoever stands behind the one that failed says what it means. */
  async #broken(error: unknown): Promise<unknown> {
    this.#isEnded = true;
    let told = error;
    for (const { broken } of this.#stages.slice(this.#at + 1)) told = (await broken?.(told)) ?? told;
    this.#over(false);
    // Also a source that has failed itself: not every one closes then.
    await this.#source.return?.();
    return told;
  }

  #over(isWhole: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { over } of this.#stages) over?.(isWhole);
  }
}
