/** Thrown for characters or lengths that are not base64. */
export class Base64Error extends Error {
  constructor() {
    super("Invalid base64.");
    this.name = "Base64Error";
  }
}

const VALID = /^[A-Za-z0-9+/]*={0,2}$/;
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
  let carry = "";
  let isPadded = false;
  for await (const piece of payload(source)) {
    if (piece === "") continue;
    const text = carry + piece;
    if (isPadded || !VALID.test(text)) throw new Base64Error();
    const whole = text.length - (text.length % 4);
    carry = text.slice(whole);
    if (whole === 0) continue;
    const quads = text.slice(0, whole);
    isPadded = quads.endsWith("=");
    if (isPadded && carry !== "") throw new Base64Error();
    yield Buffer.from(quads, "base64");
  }
  if (carry !== "") throw new Base64Error();
}

/** The characters without white space, and without a `data:` prefix as soon as enough of them are there to tell. */
async function* payload(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head: string | undefined = "";
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const text = bytes.toString("latin1").replace(WHITE_SPACE, "");
    if (head === undefined) {
      yield text;
      continue;
    }
    head += text;
    if (mayBePrefix(head)) continue;
    yield head.replace(DATA_PREFIX, "");
    head = undefined;
  }
  if (head !== undefined) yield head.replace(DATA_PREFIX, "");
}

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
