import { asBuffer } from "./as-buffer";
import { NOTHING } from "./nothing";
import { type PieceSource, Pieces } from "./pieces";
import { replay } from "./replay";

/** One event of a stream of server-sent events. */
export interface StreamedEvent {
  /** What the event is called; empty where it has no name, or where that comes after its data. */
  readonly name: string;
  /** Its data as it comes, lines joined by a newline. Once, and before the next event is asked for. */
  readonly data: AsyncIterableIterator<Uint8Array>;
}

export interface EventLimits {
  /** Of everything in the stream that is no data: names, comments, line ends. An event counts for 64 at least. */
  readonly maxBytes: number;
  /** What is thrown beyond that. */
  readonly tooLong: () => Error;
}

const [NEWLINE, RETURN, COLON] = [0x0a, 0x0d, 0x3a];
/** How a line of data opens, and one of which the end has not come: a space may still belong to that. */
const DATA_LINE = /^data(?:: ?|$)/;
const DATA_BEGUN = /^data:(?: |(?=[^ ]))/;
/** Of a line that is not data: names and numbers are short. */
const MAX_FIELD_BYTES = 1_024;
/** To hand an event out takes as long as to pass over so much. */
const EVENT_BYTES = 64;

/**
 * Reads server-sent events as they come, however long their data is and whatever the chunks are. Data that nobody reads is skipped, and
 * an event whose data is empty is none.
 *
 * @throws what the limits say; what the source throws
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* readEvents(
  source: AsyncIterable<Uint8Array>,
  limits: EventLimits,
): AsyncGenerator<StreamedEvent> {
  const lines = new Lines(source, limits);
  const data: PieceSource = { next: () => lines.piece() };
  try {
    for (let name = await lines.begin(); name !== undefined; name = await lines.begin()) {
      const first = await data.next();
      if (first !== undefined) yield { name, data: replay([first], new Pieces(data)) };
      while ((await data.next()) !== undefined);
    }
  } finally {
    await lines.close();
  }
}

interface Field {
  /** Empty for the empty line that ends an event. */
  readonly name: string;
  /** Of data nothing: that is read next. */
  readonly value: string;
}

const END: Field = { name: "", value: "" };
const DATA: Field = { name: "data", value: "" };

/**
 * The lines of a stream: what they are called, and what they say; data piece by piece, since it may be long. What a chunk has of them is read
 * in one go: a stream may consist of empty lines, and each wait would cost more than a thousand of those.
 */
class Lines {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #tooLong: () => Error;
  /** Bytes that are no data and may still come. */
  #spare: number;
  #chunk = NOTHING;
  #at = 0;
  /** The next of each in the chunk, its length where there is none; to be looked for again once they lie behind. */
  #newline = -1;
  #return = -1;
  /** The last chunk ended in a carriage return: a newline right behind it ends the same line. */
  #isAfterReturn = false;
  /** What earlier chunks had of a line that goes on, as far as it matters. */
  #begun = "";
  /** What comes next is data of an event, or a line between two of its lines of data. */
  #isInEvent = false;
  #isInData = false;

  constructor(source: AsyncIterable<Uint8Array>, { maxBytes, tooLong }: EventLimits) {
    this.#source = source[Symbol.asyncIterator]();
    this.#spare = maxBytes;
    this.#tooLong = tooLong;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Goes on to where the data of an event begins, and gives the name of that event; `undefined` at the end of the stream. */
  async begin(): Promise<string | undefined> {
    let name = "";
    do {
      for (let field = this.#field(); field !== undefined; field = this.#field()) {
        if (field === DATA) {
          this.#spend(EVENT_BYTES);
          return name;
        }
        if (field === END) name = "";
        else if (field.name === "event") name = field.value;
      }
    } while (await this.#pull());
    return undefined;
  }

  /** The next piece of that event's data; `undefined` at its end. */
  async piece(): Promise<Uint8Array | undefined> {
    while (this.#isInEvent) {
      if (this.#at === this.#chunk.length && !(await this.#pull())) return undefined;
      if (this.#isInData) {
        const piece = this.#dataPiece();
        if (piece.length > 0) return piece;
      } else if (this.#field() === DATA) {
        return Buffer.from("\n");
      }
    }
    return undefined;
  }

  #dataPiece(): Uint8Array {
    const start = this.#at;
    const end = this.#lineEnd();
    this.#isInData = end === this.#chunk.length;
    this.#endLine(end);
    return this.#chunk.subarray(start, end);
  }

  /** The next line that says something, read to its end unless it is data; `undefined`: for that another chunk is needed. */
  #field(): Field | undefined {
    while (this.#at < this.#chunk.length) {
      const start = this.#at;
      const end = this.#lineEnd();
      const isWhole = end < this.#chunk.length;
      if (this.#begun === "" ? this.#chunk[start] === COLON : this.#begun.startsWith(":")) {
        this.#pass(end, ":");
        continue;
      }
      const room = MAX_FIELD_BYTES - this.#begun.length;
      const line = this.#begun + this.#chunk.toString("latin1", start, Math.min(end, start + room));
      const [opening] = (isWhole ? DATA_LINE : DATA_BEGUN).exec(line) ?? [];
      if (opening !== undefined) {
        this.#spend(opening.length - this.#begun.length);
        this.#at = start + opening.length - this.#begun.length;
        this.#begun = "";
        this.#isInEvent = true;
        this.#isInData = true;
        return DATA;
      }
      this.#pass(end, line);
      if (!isWhole) return undefined;
      if (line !== "") return fieldOf(line);
      this.#isInEvent = false;
      return END;
    }
    return undefined;
  }

  /** Goes on behind what is no data. @param begun what matters of the line, should it not end here */
  #pass(end: number, begun: string): void {
    this.#spend(end - this.#at);
    this.#begun = end < this.#chunk.length ? "" : begun;
    this.#endLine(end);
  }

  /** Where the line ends that goes on here: at one of both characters, or together with the chunk. */
  #lineEnd(): number {
    // Either is looked for once for each time that it stands there: a chunk may have a thousand of one and none of the other.
    if (this.#newline < this.#at) this.#newline = this.#next(NEWLINE);
    if (this.#return < this.#at) this.#return = this.#next(RETURN);
    return Math.min(this.#newline, this.#return);
  }

  #next(byte: number): number {
    const at = this.#chunk.indexOf(byte, this.#at);
    return at === -1 ? this.#chunk.length : at;
  }

  /** Goes on behind the end of a line, or of the chunk. */
  #endLine(end: number): void {
    this.#at = end;
    if (end === this.#chunk.length) return;
    this.#at += 1;
    this.#isAfterReturn = this.#chunk[end] === RETURN;
    this.#skipNewline();
    this.#spend(this.#at - end);
  }

  #skipNewline(): void {
    if (!this.#isAfterReturn || this.#at === this.#chunk.length) return;
    this.#isAfterReturn = false;
    if (this.#chunk[this.#at] === NEWLINE) this.#at += 1;
  }

  #spend(bytes: number): void {
    this.#spare -= bytes;
    if (this.#spare < 0) throw this.#tooLong();
  }

  /** The next chunk; `false` at the end of the source. */
  async #pull(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#chunk = asBuffer(value);
    this.#at = 0;
    this.#newline = -1;
    this.#return = -1;
    this.#skipNewline();
    return true;
  }
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(":");
  if (colon === -1) return { name: line, value: "" };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, "") };
}
