import { isPromise } from "./and-then";
import { NOTHING } from "./nothing";
import { type AtHand, arrival, atHand, coming, END, Supply } from "./supply";

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
  /** What a stage has thrown at what was at hand: `next` tells it. */
  #failure: { readonly error: unknown } | undefined;
  /** What the stages still have, where that takes its time. */
  #ending: Promise<Uint8Array> | undefined;

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

  atHand(): AtHand<Uint8Array> {
    if (this.#isStuck) return undefined;
    if (this.#isOver) return END;
    try {
      for (;;) {
        const given = this.#given();
        if (given === undefined) return undefined;
        const piece = given === END ? this.#behind() : this.#passed(given, 0);
        if (piece === undefined || piece === END || piece.length > 0) return piece;
      }
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }

  arrival(): Promise<void> | undefined {
    const isFlowing = this.#isBegun && !this.#isEnded && !this.#isOver && !this.#isStuck;
    return isFlowing ? arrival(this.#source) : undefined;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      for (;;) {
        const piece = this.atHand() ?? (await this.#waitedFor());
        if (piece === END) return DONE;
        if (piece.length > 0) return { done: false, value: piece };
      }
    } catch (error) {
      throw await this.#broken(error);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#failure = undefined;
    this.#ending = undefined;
    if (this.#isOver) return DONE;
    this.#over(false);
    await this.#source.return?.();
    return DONE;
  }

  /** Only `next` can tell how it goes on. */
  get #isStuck(): boolean {
    return this.#failure !== undefined || this.#ending !== undefined;
  }

  #given(): AtHand<Uint8Array> {
    if (this.#isEnded) return END;
    if (!this.#isBegun) this.#begin();
    this.#at = -1;
    return atHand(this.#source);
  }

  async #waitedFor(): Promise<Uint8Array | typeof END> {
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#ending !== undefined) {
      const ending = this.#ending;
      this.#ending = undefined;
      const last = await ending;
      return this.#isOver ? END : last;
    }
    const given = await coming(this.#source);
    // It was left meanwhile.
    if (this.#isOver) return END;
    return given === END ? (this.#behind() ?? this.#waitedFor()) : this.#passed(given, 0);
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

  /** Behind the last piece of the source: first what the stages still have, then the end. `undefined`: a stage takes its time. */
  #behind(): AtHand<Uint8Array> {
    if (this.#isEnded) {
      this.#over(true);
      return END;
    }
    this.#isEnded = true;
    const last = this.#last(0, []);
    if (!isPromise(last)) return last;
    this.#ending = last;
    // Whoever asks next is told, and nobody need ask.
    last.catch(() => {});
    return undefined;
  }

  /** What the stages still have from one of them on, each through those behind it. */
  #last(first: number, pieces: Uint8Array[]): Uint8Array | Promise<Uint8Array> {
    for (let at = first; at < this.#stages.length; at += 1) {
      this.#at = at;
      const last = this.#stages[at]?.end?.();
      if (isPromise(last)) return this.#lastLater(last, at, pieces);
      if (last !== undefined) pieces.push(this.#passed(last, at + 1));
    }
    return pieces.length === 0 ? NOTHING : Buffer.concat(pieces);
  }

  async #lastLater(
    last: Promise<Uint8Array | undefined>,
    at: number,
    pieces: Uint8Array[],
  ): Promise<Uint8Array> {
    const piece = await last;
    if (piece !== undefined) pieces.push(this.#passed(piece, at + 1));
    return this.#last(at + 1, pieces);
  }

  /** Whoever stands behind the one that failed says what it means. */
  async #broken(error: unknown): Promise<unknown> {
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
