import { NOTHING } from "../nothing";
import { Pieces } from "../pieces";
import { arrival, atHand } from "../supply";
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endsScalar,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  RETURN,
  SPACE,
  TAB,
} from "./characters";
import { JsonError } from "./error";
import type { SieveOptions, Sifted } from "./finds";
import { Grammar } from "./grammar";
import { leadsTo } from "./pattern";
import { PlainText } from "./plain-text";
import { Rest } from "./rest";
import { Turn } from "./turn";

export { JsonError, MAX_DEPTH } from "./error";
export type { SieveOptions, Sifted } from "./finds";
export type { JsonPath, JsonPattern } from "./pattern";

/**
 * Reads a JSON text as it comes, in whatever chunks, and lets through the long strings in it without ever holding one. A string that
 * nobody reads is skipped.
 *
 * @throws JsonError; what the source throws
 */
export class JsonSieve implements AsyncIterableIterator<Sifted> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #options: SieveOptions;
  readonly #grammar: Grammar;
  readonly #rest: Rest;
  /** Where in the rest the values begin that are being read, by depth. */
  readonly #starts: number[] = [];
  #chunk = NOTHING;
  #at = 0;
  /** From here on the chunk is not yet in the rest. */
  #kept = 0;
  readonly #turn = new Turn();
  #inside: "structure" | "key" | "text" | "scalar" | "handed out" = "structure";
  /** The string that is being handed out. */
  #text = new PlainText();
  #isEscaped = false;
  #keyStart = 0;
  #isDone = false;

  constructor(source: AsyncIterable<Uint8Array>, options: SieveOptions) {
    this.#source = source[Symbol.asyncIterator]();
    this.#options = options;
    this.#grammar = new Grammar(options.strings);
    this.#rest = new Rest(options.maxBytes, options.isUtf8Required ?? false);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Bytes that count against the limit, so far. */
  get restBytes(): number {
    return this.#rest.length;
  }

  async next(): Promise<IteratorResult<Sifted, undefined>> {
    try {
      return await this.#next();
    } catch (error) {
      await this.return();
      throw this.#explained(error);
    }
  }

  async return(): Promise<IteratorResult<Sifted, undefined>> {
    this.#isDone = true;
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async #next(): Promise<IteratorResult<Sifted, undefined>> {
    if (this.#inside === "handed out") while ((await this.#piece(this.#text)) !== undefined);
    while (!this.#isDone) {
      const found = this.#scan();
      if (found !== undefined) return { done: false, value: found };
      if (await this.#pull()) continue;
      this.#isDone = true;
      return { done: false, value: this.#whole() };
    }
    return { done: true, value: undefined };
  }

  /** The next chunk; `false` at the end of the source. */
  async #pull(): Promise<boolean> {
    if (this.#inside !== "handed out") this.#keep(this.#chunk.length);
    if (this.#turn.isOver) await this.#turn.pass();
    const { done, value } = await this.#source.next();
    if (!done) this.#take(value);
    return done !== true;
  }

  /** The next chunk inside a string that is handed out; `false`: it has to be waited for. */
  #pullAtHand(): boolean {
    const chunk = this.#turn.isOver ? undefined : atHand(this.#source);
    if (chunk !== undefined) this.#take(chunk);
    return chunk !== undefined;
  }

  #take({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.#chunk = Buffer.from(buffer, byteOffset, byteLength);
    this.#turn.use(byteLength);
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
      const byte = this.#chunk[this.#at] ?? 0;
      const found = this.#inside === "structure" ? this.#structure(byte) : this.#scalar(byte);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #structure(byte: number): Sifted | undefined {
    const { expected } = this.#grammar;
    const before = this.#at;
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
          this.#keep(before);
          this.#keyStart = this.#rest.length;
          this.#inside = "key";
          return undefined;
        }
        if (expected === "value" && leadsTo(this.#options.strings, this.#grammar.path))
          return this.#handOut();
        this.#begin(before);
        this.#inside = "text";
        return undefined;
      default:
        this.#begin(before);
        this.#inside = "scalar";
        return undefined;
    }
  }

  /** Inside a key, a string that is kept, or a number or literal. */
  #scalar(byte: number): Sifted | undefined {
    if (this.#inside === "scalar") {
      if (!endsScalar(byte)) {
        this.#at += 1;
        return undefined;
      }
      return this.#scalarEnded();
    }
    this.#at += 1;
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE && this.#inside === "text") return this.#scalarEnded();
    else if (byte === QUOTE) {
      this.#keep(this.#at);
      this.#grammar.key(this.#rest.keyFrom(this.#keyStart));
      this.#inside = "structure";
    }
    return undefined;
  }

  #begin(at: number): void {
    if (this.#grammar.expected !== "value") throw new JsonError("broken");
    this.#keep(at);
    this.#starts[this.#grammar.depth] = this.#rest.length;
  }

  #scalarEnded(): Sifted | undefined {
    this.#inside = "structure";
    this.#grammar.scalar();
    return this.#ended();
  }

  /** A value has ended here: is it one that is told? */
  #ended(): Sifted | undefined {
    const { path, depth } = this.#grammar;
    if (depth === 0 || !leadsTo(this.#options.values ?? [], path)) return undefined;
    this.#keep(this.#at);
    return { kind: "value", path, value: this.#rest.valueFrom(this.#starts[depth] ?? 0) };
  }

  #handOut(): Sifted {
    const { path } = this.#grammar;
    this.#keep(this.#at);
    this.#inside = "handed out";
    this.#starts[this.#grammar.depth] = this.#rest.length - 1;
    this.#text = new PlainText();
    const string = this.#text;
    const reader = new Pieces({
      next: () => this.#piece(string),
      atHand: () => this.#pieceAtHand(string),
      arrival: () => this.#arrival(string),
    });
    return { kind: "string", path, read: () => reader };
  }

  #explained(error: unknown): unknown {
    const { explain } = this.#options;
    return error instanceof JsonError && explain !== undefined ? explain(error) : error;
  }

  /** The next piece of a string; `undefined` when that is not, or no longer, the one that is being handed out. */
  async #piece(string: PlainText): Promise<Uint8Array | undefined> {
    try {
      while (this.#isHandedOut(string)) {
        if (this.#at === this.#chunk.length && !(await this.#pull())) throw new JsonError("truncated");
        const text = this.#textOf(string);
        if (text === undefined) throw new JsonError("broken");
        if (text.length > 0) return text;
      }
      return undefined;
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** The same, where it need not be waited for. */
  #pieceAtHand(string: PlainText): Uint8Array | undefined {
    while (this.#isHandedOut(string)) {
      if (this.#at === this.#chunk.length && !this.#pullAtHand()) return undefined;
      const text = this.#textOf(string);
      if (text === undefined || text.length > 0) return text;
    }
    return undefined;
  }

  #arrival(string: PlainText): Promise<void> | undefined {
    const isAtEnd = this.#isHandedOut(string) && this.#at === this.#chunk.length;
    return isAtEnd ? arrival(this.#source) : undefined;
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
