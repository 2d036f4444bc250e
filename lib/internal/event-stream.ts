/** One event of a stream of server-sent events. */
export interface StreamedEvent {
  /** What the event is called; empty where it has no name, or where that comes after its data. */
  readonly name: string;
  /** Its data as it comes, lines joined by a newline. Once, and before the next event is asked for. */
  readonly data: AsyncIterableIterator<Uint8Array>;
}

const [NEWLINE, RETURN, SPACE] = [0x0a, 0x0d, 0x20];
const DATA = "data";
const DATA_LINE = `${DATA}:`;
/** Of a line that is not data: names and numbers are short. */
const MAX_FIELD_BYTES = 1_024;

/**
 * Reads server-sent events as they come, however long their data is and whatever the chunks are. Data that nobody reads is skipped.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* readEvents(source: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const lines = new Lines(source);
  try {
    let name = "";
    for (let field = await lines.field(); field !== undefined; field = await lines.field()) {
      if (field === END) name = "";
      if (field.name === "event") name = field.value;
      if (field.name !== DATA) continue;
      const data = lines.data();
      yield { name, data };
      for await (const _ of data);
    }
  } finally {
    await lines.close();
  }
}

interface Field {
  /** Empty for a comment, and for the empty line that ends an event. */
  readonly name: string;
  /** Of data nothing: that is read next. */
  readonly value: string;
}

const END: Field = { name: "", value: "" };

/** The lines of a stream: what they are called, and what they say; data piece by piece, since it may be long. */
class Lines {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** A field that was read to see whether data goes on. */
  #ahead: { readonly field: Field | undefined } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** The next line; `undefined` at the end of the stream. */
  async field(): Promise<Field | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) return ahead.field;
    let text = "";
    while (await this.#has()) {
      const byte = this.#take();
      if (byte === NEWLINE) return fieldOf(text);
      if (byte === RETURN || text.length >= MAX_FIELD_BYTES) continue;
      text += String.fromCharCode(byte);
      if (text !== DATA_LINE) continue;
      if ((await this.#has()) && this.#chunk[this.#at] === SPACE) this.#at += 1;
      return { name: DATA, value: "" };
    }
    return undefined;
  }

  /** The data that has begun, and that of the data lines right behind it. */
  async *data(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield* this.#line();
      const field = await this.field();
      if (field?.name !== DATA) {
        this.#ahead = { field };
        return;
      }
      yield Buffer.from("\n");
    }
  }

  async *#line(): AsyncGenerator<Uint8Array> {
    while (await this.#has()) {
      const newline = this.#chunk.indexOf(NEWLINE, this.#at);
      const end = newline === -1 ? this.#chunk.length : newline;
      const piece = this.#chunk.subarray(this.#at, end);
      this.#at = end + (newline === -1 ? 0 : 1);
      // A line may end in both; inside of JSON a carriage return is white space, so one that was cut off does no harm.
      const text = newline !== -1 && piece.at(-1) === RETURN ? piece.subarray(0, -1) : piece;
      if (text.length > 0) yield text;
      if (newline !== -1) return;
    }
  }

  #take(): number {
    const byte = this.#chunk[this.#at] ?? NEWLINE;
    this.#at += 1;
    return byte;
  }

  /** Is there another byte? */
  async #has(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const { done, value } = await this.#source.next();
      if (done) return false;
      this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#at = 0;
    }
    return true;
  }
}

function fieldOf(line: string): Field {
  if (line === "") return END;
  const colon = line.indexOf(":");
  if (colon === -1) return { name: line, value: "" };
  return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, "") };
}
