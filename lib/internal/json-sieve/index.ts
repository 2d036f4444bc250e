import { NOTHING } from "../nothing";
import { Pieces } from "../pieces";
import { Stepped } from "../stepped";
import { type AtHand, END } from "../supply";
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  RETURN,
  SPACE,
  scalarEnd,
  TAB,
} from "./characters";
import { Chunks } from "./chunks";
import { JsonError } from "./error";
import type { SieveOptions, Sifted } from "./finds";
import { Grammar } from "./grammar";
import { PlainText } from "./plain-text";
import { Rest } from "./rest";
import { StringEnd } from "./string-end";

export { JsonError, MAX_DEPTH } from "./error";
export type { SieveOptions, Sifted } from "./finds";
export type { JsonPath, JsonPattern } from "./pattern";

/**
 * Reads a JSON text as it comes, in whatever chunks, and lets through the long strings in it without ever holding one. A string that
 * nobody reads is skipped.
 *
 * @throws JsonError; what the source throws
 */
export class JsonSieve extends Stepped<Sifted> {
  readonly #chunks: Chunks;
  readonly #options: SieveOptions;
  readonly #grammar: Grammar;
  readonly #rest: Rest;
  /** Where in the rest the values begin that are being read, by depth. */
  readonly #starts: number[] = [];
  #chunk = NOTHING;
  #at = 0;
  /** From here on the chunk is not yet in the rest. */
  #kept = 0;
  #inside: "structure" | "key" | "text" | "scalar" | "handed out" = "structure";
  /** The string that is being handed out. */
  #text = new PlainText();
  readonly #stringEnd = new StringEnd();
  #keyStart = 0;
  #isDone = false;

  constructor(source: AsyncIterable<Uint8Array>, options: SieveOptions) {
    super();
    this.#chunks = new Chunks(source);
    this.#options = options;
    this.#grammar = new Grammar(options.strings);
    this.#rest = new Rest(options.maxBytes, options.isUtf8Required ?? false);
  }

  /** Bytes that count against the limit, so far. */
  get restBytes(): number {
    return this.#rest.length;
  }

  async return(): Promise<IteratorResult<Sifted, undefined>> {
    if (!this.#isDone) {
      this.#isDone = true;
      await this.#chunks.leave();
    }
    return { done: true, value: undefined };
  }

  /** Goes on to the next find. */
  protected step(): AtHand<Sifted> {
    while (!this.#isDone) {
      for (let piece = this.#piece(this.#text); piece !== END; piece = this.#piece(this.#text)) {
        if (piece === undefined) return undefined;
      }
      const found = this.#scan();
      if (found !== undefined) return found;
      if (this.#chunks.hasEnded) {
        this.#isDone = true;
        return this.#whole();
      }
      if (!this.#pullAtHand()) return undefined;
    }
    return END;
  }

  /** Waits for the next chunk, or the end of them. */
  protected async wait(): Promise<void> {
    this.#take(await this.#chunks.next());
  }

  protected waiting(): Promise<void> | undefined {
    return this.#isDone ? undefined : this.#chunks.arrival();
  }

  /** The next chunk, or the end of them; `false`: that has to be waited for. */
  #pullAtHand(): boolean {
    if (this.#inside !== "handed out") this.#keep(this.#chunk.length);
    const chunk = this.#chunks.atHand();
    this.#take(chunk);
    return chunk !== undefined || this.#chunks.hasEnded;
  }

  #take(chunk: Buffer | undefined): void {
    if (chunk === undefined) return;
    this.#chunk = chunk;
    this.#at = 0;
    this.#kept = 0;
  }

  #keep(end: number): void {
    if (end > this.#kept) this.#rest.add(this.#chunk.subarray(this.#kept, end));
    this.#kept = end;
  }

  #whole(): Sifted {
    if (this.#inside === "scalar") this.#grammar.scalar();
    const isInside = this.#inside === "text" || this.#inside === "key" || this.#grammar.depth > 0;
    if (isInside || this.#grammar.expected === "value") throw new JsonError("truncated");
    return { kind: "value", path: [], value: this.#rest.valueFrom(0) };
  }

  /** Goes on to the next find, or to the end of the chunk. */
  #scan(): Sifted | undefined {
    while (this.#at < this.#chunk.length) {
      const found = this.#inside === "structure" ? this.#structure() : this.#scalar();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #structure(): Sifted | undefined {
    const { expected } = this.#grammar;
    const before = this.#at;
    const byte = this.#chunk[before];
    this.#at += 1;
    switch (byte) {
      case SPACE:
      case NEWLINE:
      case RETURN:
      case TAB:
        return undefined;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#begin(before);
        this.#grammar.open(byte === OPEN_ARRAY);
        return undefined;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#grammar.close(byte === CLOSE_ARRAY);
        return this.#ended();
      case COMMA:
        this.#grammar.comma();
        return undefined;
      case COLON:
        this.#grammar.colon();
        return undefined;
      case QUOTE:
        if (expected === "key") {
          this.#keyStart = this.#placeOf(before);
          this.#inside = "key";
          return undefined;
        }
        if (expected === "value" && this.#grammar.isAt(this.#options.strings)) return this.#handOut();
        this.#begin(before);
        this.#inside = "text";
        return undefined;
      default:
        this.#begin(before);
        this.#inside = "scalar";
        return undefined;
    }
  }

  /** Inside a key, a string that is kept, or a number or literal: goes on to its end, or that of the chunk. */
  #scalar(): Sifted | undefined {
    const chunk = this.#chunk;
    this.#at = this.#inside === "scalar" ? scalarEnd(chunk, this.#at) : this.#stringEnd.in(chunk, this.#at);
    if (this.#at === chunk.length) return undefined;
    if (this.#inside === "scalar") return this.#scalarEnded();
    this.#at += 1;
    if (this.#inside === "text") return this.#scalarEnded();
    this.#keep(this.#at);
    this.#grammar.key(this.#rest.keyFrom(this.#keyStart));
    this.#inside = "structure";
    return undefined;
  }

  #begin(at: number): void {
    if (this.#grammar.expected !== "value") throw new JsonError("broken");
    this.#starts[this.#grammar.depth] = this.#placeOf(at);
  }

  /** Where in the rest it will stand. */
  #placeOf(at: number): number {
    return this.#rest.length + at - this.#kept;
  }

  #scalarEnded(): Sifted | undefined {
    this.#inside = "structure";
    this.#grammar.scalar();
    return this.#ended();
  }

  /** A value has ended here: is it one that is told? */
  #ended(): Sifted | undefined {
    const { values } = this.#options;
    const { depth } = this.#grammar;
    if (values === undefined || depth === 0 || !this.#grammar.isAt(values)) return undefined;
    this.#keep(this.#at);
    const value = this.#rest.valueFrom(this.#starts[depth] ?? 0);
    return { kind: "value", path: this.#grammar.path, value };
  }

  #handOut(): Sifted {
    const { path } = this.#grammar;
    this.#keep(this.#at);
    this.#inside = "handed out";
    this.#starts[this.#grammar.depth] = this.#rest.length - 1;
    this.#text = new PlainText();
    const string = this.#text;
    const reader = new Pieces({
      next: () => this.#nextPiece(string),
      atHand: () => this.#pieceAtHand(string),
      arrival: () => this.#pieceArrival(string),
    });
    return { kind: "string", path, read: () => reader };
  }

  protected explained(error: unknown): unknown {
    const { explain } = this.#options;
    return error instanceof JsonError && explain !== undefined ? explain(error) : error;
  }

  async #nextPiece(string: PlainText): Promise<Uint8Array | undefined> {
    try {
      for (;;) {
        const piece = this.#piece(string);
        if (piece !== undefined) return piece === END ? undefined : piece;
        await this.wait();
      }
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** A string that is broken is so as often as it is asked. */
  #pieceAtHand(string: PlainText): AtHand<Uint8Array> {
    try {
      return this.#piece(string);
    } catch {
      return undefined;
    }
  }

  #pieceArrival(string: PlainText): Promise<void> | undefined {
    const isAtEnd = this.#isHandedOut(string) && this.#at === this.#chunk.length;
    return isAtEnd ? this.#chunks.arrival() : undefined;
  }

  /** The next piece of a string; its end also when it is not, or no longer, the one that is being handed out. */
  #piece(string: PlainText): AtHand<Uint8Array> {
    while (this.#isHandedOut(string)) {
      if (this.#at < this.#chunk.length) {
        const text = this.#textOf(string);
        if (text === undefined) throw new JsonError("broken");
        if (text.length > 0) return text;
      } else if (this.#chunks.hasEnded) throw new JsonError("truncated");
      else if (!this.#pullAtHand()) return undefined;
    }
    return END;
  }

  #isHandedOut(string: PlainText): boolean {
    return this.#inside === "handed out" && string === this.#text;
  }

  /** What the chunk has of the string from here on; `undefined`, also if asked again, when it is broken. */
  #textOf(string: PlainText): Uint8Array | undefined {
    const part = string.take(this.#chunk, this.#at);
    if (part === undefined) return undefined;
    const { text, end } = part;
    this.#at = end ?? this.#chunk.length;
    // The closing quote stands in the rest, right behind the opening one.
    this.#kept = end === undefined ? this.#at : end - 1;
    if (end !== undefined) {
      this.#inside = "structure";
      this.#grammar.scalar();
    }
    return text;
  }
}
