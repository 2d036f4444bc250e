import { asBuffer } from "./as-buffer";
import { plainLength } from "./base64-alphabet";
import { KIB } from "./byte-sizes";
import { Flow, type Stage } from "./flow";
import { NOTHING } from "./nothing";

export type Base64Problem =
  /** Characters or lengths that are not base64. */
  | "broken"
  /** A `data:` URL that does not say `;base64`. */
  | "undeclared";

/** Thrown for what is not base64. */
export class Base64Error extends Error {
  readonly problem: Base64Problem;

  constructor(problem: Base64Problem = "broken") {
    super("Invalid base64.");
    this.name = "Base64Error";
    this.problem = problem;
  }
}

const WHITE_SPACE = /[\t\n\f\r ]+/g;
/** With whatever type and parameters: what the data is, its bytes say. @see https://www.rfc-editor.org/rfc/rfc2397 */
const DATA_PREFIX = /^data:[^,]{0,1000};base64,/i;
const MAX_PREFIX_CHARS = 1024;
/** Does a text begin as a `data:` URL does? */
export const isDataUrl = (text: string): boolean => /^data:/i.test(text);

/** Characters of the padded base64 of so many bytes. */
export const encodedLength = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/**
 * Decodes padded base64 piece by piece, whatever the chunks. A `data:` prefix and white space are tolerated, nothing else is.
 *
 * @throws Base64Error
 */
export const decodeBase64 = (source: AsyncIterable<Uint8Array>): Flow =>
  Flow.from(source).through(withoutDataPrefix()).through(decodingBase64());

/** The bytes in the beginning of such a text. @throws Base64Error where that is no base64 */
export const decodedStart = (text: Uint8Array): Uint8Array => newQuads().take(asBuffer(text)).bytes;

/**
 * Takes a `data:` prefix off the beginning of a text; what follows goes on as soon as it is sure that it is no more of that.
 *
 * @throws Base64Error
 */
export function withoutDataPrefix(): Stage {
  let head: string | undefined = "";
  return {
    piece(piece) {
      if (head === undefined) return piece;
      if (head === "" && !mayBegin(piece)) {
        head = undefined;
        return piece;
      }
      const text: string = head + asBuffer(piece).toString("latin1");
      head = text.slice(0, MAX_PREFIX_CHARS).replace(WHITE_SPACE, "") + text.slice(MAX_PREFIX_CHARS);
      if (mayBePrefix(head)) return NOTHING;
      const rest = withoutPrefix(head);
      head = undefined;
      return rest;
    },
    end: () => (head === undefined ? undefined : withoutPrefix(head)),
  };
}

/** From padded base64 to its bytes. White space is tolerated. @throws Base64Error */
export function decodingBase64(): Stage {
  let room: Room = Buffer.allocUnsafe;
  const quads = newQuads((length) => room(length));
  return {
    lent: () => {
      room = reusedRoom();
    },
    piece: (piece) => quads.take(asBuffer(piece)).bytes,
    end: () => quads.end(),
  };
}

/**
 * Padded base64 as it comes, without white space; fails like {@link decodingBase64} where it is broken: what came before has gone on then.
 *
 * @throws Base64Error
 */
export function checkingBase64(): Stage {
  const quads = new Quads({ room: scratch, plainLength });
  return { piece: (piece) => quads.take(asBuffer(piece)).text, end: () => quads.end() };
}

/** Gives room for so many bytes. */
type Room = (length: number) => Buffer;

/** A piece of a body has less; a host's provider may hand out a picture as one. */
const MOST_REUSED_BYTES = 256 * KIB;

/** Each time the same room. */
function reusedRoom(): Room {
  let room = NOTHING;
  return (length) => {
    if (length > MOST_REUSED_BYTES) return Buffer.allocUnsafe(length);
    if (room.length < length) room = Buffer.allocUnsafe(length);
    return room.subarray(0, length);
  };
}

/** For bytes that are only counted: those of all texts may go to the same place. */
const scratch = reusedRoom();

interface QuadsOptions {
  /** Where decoded bytes go. */
  readonly room: Room;
  /** How many characters from a place on, whole quads, need not be decoded: they are base64, and nobody wants their bytes. */
  readonly plainLength: (chunk: Buffer, start: number, end: number) => number;
}

/** One piece of base64 in both forms: what came in it, and the bytes of the quads that it completed. */
interface Piece {
  readonly text: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Judges base64 by decoding it: of a text that is base64 throughout Node gives exactly three bytes for four characters, of any other,
 * and of one that is padded before its end, fewer. Looking at each character in JavaScript would take ten times as long.
 */
class Quads {
  readonly #options: QuadsOptions;
  #carry = "";
  #isPadded = false;

  constructor(options: QuadsOptions) {
    this.#options = options;
  }

  take(chunk: Buffer): Piece {
    const bytes = this.#decode(chunk);
    if (bytes !== undefined) return { text: chunk, bytes };
    const bare = Buffer.from(chunk.toString("latin1").replace(WHITE_SPACE, ""), "latin1");
    const late = this.#decode(bare);
    if (late === undefined) throw new Base64Error();
    return { text: bare, bytes: late };
  }

  end(): undefined {
    if (this.#carry !== "") throw new Base64Error();
  }

  /** `undefined`, and nothing taken, when it is not all base64. */
  #decode(chunk: Buffer): Buffer | undefined {
    // The quad that the last chunk began, then whole quads, then what begins another: no long text is joined or cut.
    const joint = this.#carry === "" ? 0 : Math.min(4 - this.#carry.length, chunk.length);
    const head = this.#carry + chunk.toString("latin1", 0, joint);
    const isOpen = head.length % 4 > 0;
    const end = isOpen ? joint : chunk.length - ((chunk.length - joint) % 4);
    const rest = isOpen ? head : chunk.toString("latin1", end);
    const { room, plainLength } = this.#options;
    const start = isOpen ? end : joint + plainLength(chunk, joint, end);
    const parts = isOpen ? [] : [head, chunk.toString("latin1", start, end)].filter((part) => part !== "");

    const bytes = room(parts.reduce((sum, part) => sum + decodedLength(part), 0));
    let length = 0;
    let isPadded = this.#isPadded;
    for (const part of parts) {
      if (isPadded || isUrlSafe(part)) return undefined;
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

const newQuads = (room: Room = Buffer.allocUnsafe): Quads => new Quads({ room, plainLength: () => 0 });

const paddingOf = (quads: string): number => (quads.endsWith("==") ? 2 : quads.endsWith("=") ? 1 : 0);

const decodedLength = (quads: string): number => (quads.length / 4) * 3 - paddingOf(quads);

/** Node takes its alphabet for URLs as well. */
const isUrlSafe = (text: string): boolean => text.includes("-") || text.includes("_");

function withoutPrefix(head: string): Buffer {
  const text = head.replace(DATA_PREFIX, "");
  if (text.length === head.length && isDataUrl(head)) throw new Base64Error("undeclared");
  return Buffer.from(text, "latin1");
}

/** A prefix, or white space in front of one. */
const mayBegin = ([first = 0]: Uint8Array): boolean =>
  first <= SPACE || first === LOWER_D || first === UPPER_D;

const [SPACE, LOWER_D, UPPER_D] = [0x20, 0x64, 0x44];

const mayBePrefix = (text: string): boolean =>
  text.length < MAX_PREFIX_CHARS &&
  "data:".startsWith(text.slice(0, "data:".length).toLowerCase()) &&
  !text.includes(",");

/** To padded base64; each piece but the last is a whole number of quads. */
export const encodeBase64 = (source: AsyncIterable<Uint8Array>): Flow =>
  Flow.from(source).through(encodingBase64());

export function encodingBase64(): Stage {
  let carry = NOTHING;
  return {
    piece(piece) {
      const bytes = carry.length === 0 ? asBuffer(piece) : Buffer.concat([carry, piece]);
      const whole = bytes.length - (bytes.length % 3);
      // A copy: the source may use its piece again.
      carry = Buffer.from(bytes.subarray(whole));
      return textOf(bytes.subarray(0, whole));
    },
    end: () => textOf(carry),
  };
}

const textOf = (bytes: Buffer): Buffer => Buffer.from(bytes.toString("base64"), "latin1");
