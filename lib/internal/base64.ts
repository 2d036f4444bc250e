/** Thrown for characters or lengths that are not base64. */
export class Base64Error extends Error {
  constructor() {
    super("Invalid base64.");
    this.name = "Base64Error";
  }
}

const WHITE_SPACE = /[\t\n\f\r ]+/g;
const DATA_PREFIX = /^data:[\w.+/-]{0,100};base64,/;
const MAX_PREFIX_CHARS = 128;

/** Characters of the padded base64 of so many bytes. */
export const encodedLength = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/**
 * Decodes padded base64 piece by piece, whatever the chunks. A `data:` prefix and white space are tolerated, nothing else is.
 *
 * @throws Base64Error
 */
export async function* decodeBase64(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const quads = new Quads((length) => Buffer.allocUnsafe(length));
  for await (const chunk of payload(source)) {
    const { bytes } = quads.take(chunk);
    if (bytes.length > 0) yield bytes;
  }
  quads.end();
}

/**
 * Passes padded base64 on as it comes, without a `data:` prefix and white space, and fails like {@link decodeBase64} where it is
 * broken: what came before has been passed on then.
 *
 * @throws Base64Error
 */
export async function* plainBase64(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The bytes are only counted: all of them may go to the same place.
  let room = Buffer.allocUnsafe(0);
  const quads = new Quads((length) => {
    if (room.length < length) room = Buffer.allocUnsafe(length);
    return room.subarray(0, length);
  });
  for await (const chunk of payload(source)) {
    const { text } = quads.take(chunk);
    if (text.length > 0) yield text;
  }
  quads.end();
}

/** One piece of base64 in both forms: what came in it, and the bytes of the quads that it completed. */
interface Piece {
  readonly text: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Judges base64 by decoding it: of a text that is base64 throughout Node gives exactly three bytes for four characters, of any other
 * fewer. Looking at each character would take ten times as long.
 */
class Quads {
  readonly #room: (length: number) => Buffer;
  #carry = "";
  #isPadded = false;

  constructor(room: (length: number) => Buffer) {
    this.#room = room;
  }

  take(chunk: Buffer): Piece {
    const bytes = this.#decode(chunk);
    if (bytes !== undefined) return { text: chunk, bytes };
    const bare = Buffer.from(chunk.toString("latin1").replace(WHITE_SPACE, ""), "latin1");
    const late = this.#decode(bare);
    if (late === undefined) throw new Base64Error();
    return { text: bare, bytes: late };
  }

  end(): void {
    if (this.#carry !== "") throw new Base64Error();
  }

  /** `undefined`, and nothing taken, when it is not all base64. */
  #decode(chunk: Buffer): Buffer | undefined {
    // The quad that the last chunk began, then whole quads, then what begins another: no long text is joined or cut.
    const joint = this.#carry === "" ? 0 : Math.min(4 - this.#carry.length, chunk.length);
    const head = this.#carry + chunk.toString("latin1", 0, joint);
    const isOpen = head.length % 4 > 0;
    const end = isOpen ? joint : chunk.length - ((chunk.length - joint) % 4);
    const parts = isOpen ? [] : [head, chunk.toString("latin1", joint, end)].filter((part) => part !== "");
    const rest = isOpen ? head : chunk.toString("latin1", end);

    const bytes = this.#room(parts.reduce((sum, part) => sum + decodedLength(part), 0));
    let length = 0;
    let isPadded = this.#isPadded;
    for (const part of parts) {
      if (isPadded || !isQuads(part)) return undefined;
      const written = bytes.write(part, length, "base64");
      if (written !== decodedLength(part)) return undefined;
      length += written;
      isPadded = part.endsWith("=");
    }
    if (rest !== "" && (isPadded || /[^A-Za-z0-9+/=]/.test(rest))) return undefined;
    this.#carry = rest;
    this.#isPadded = isPadded;
    return bytes;
  }
}

const paddingOf = (quads: string): number => (quads.endsWith("==") ? 2 : quads.endsWith("=") ? 1 : 0);

const decodedLength = (quads: string): number => (quads.length / 4) * 3 - paddingOf(quads);

/** What Node would let pass: its own alphabet for URLs, and padding before the end. */
function isQuads(text: string): boolean {
  const padding = text.indexOf("=");
  const isPaddedInside = padding !== -1 && padding < text.length - paddingOf(text);
  return !isPaddedInside && !text.includes("-") && !text.includes("_");
}

/** The chunks without a `data:` prefix, which goes as soon as enough of them are there to tell. */
async function* payload(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let head: string | undefined = "";
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (head === undefined) {
      yield bytes;
      continue;
    }
    const text: string = head + bytes.toString("latin1");
    head = text.slice(0, MAX_PREFIX_CHARS).replace(WHITE_SPACE, "") + text.slice(MAX_PREFIX_CHARS);
    if (mayBePrefix(head)) continue;
    yield withoutPrefix(head);
    head = undefined;
  }
  if (head !== undefined) yield withoutPrefix(head);
}

const withoutPrefix = (head: string): Buffer => Buffer.from(head.replace(DATA_PREFIX, ""), "latin1");

const mayBePrefix = (text: string): boolean =>
  text.length < MAX_PREFIX_CHARS && "data:".startsWith(text.slice(0, 5)) && !text.includes(",");

/** Encodes piece by piece; each piece handed out is a whole number of quads but the last. */
export async function* encodeBase64(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let carry: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes =
      carry.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([carry, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    // A copy: the source may use its chunk again.
    carry = Buffer.from(bytes.subarray(whole));
    if (whole > 0) yield bytes.toString("base64", 0, whole);
  }
  if (carry.length > 0) yield carry.toString("base64");
}
