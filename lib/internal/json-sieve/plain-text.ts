import { BACKSLASH, QUOTE } from "./characters";

const HEX_DIGITS = 4;
/** Stands for every character that is not ASCII. No base64 and no URL has it. */
const NOT_ASCII = 0xff;

const SHORT = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }).map(
    ([name, meant]) => [name.charCodeAt(0), meant.charCodeAt(0)],
  ),
);

/** What a chunk held of a string. */
export interface TextPart {
  readonly text: Uint8Array;
  /** Where the chunk goes on behind the closing quote; `undefined` when the string does not end in it. */
  readonly end: number | undefined;
}

/**
 * Reads the inside of a JSON string that is ASCII by nature, chunk by chunk. Where there are no escapes, which is the rule, what it
 * gives is the chunk itself.
 */
export class PlainText {
  /** An escape that the last chunk cut in two, without its backslash. */
  #escape: string | undefined;
  #isBroken = false;

  /** @returns `undefined` for an escape that JSON does not know, from then on */
  take(chunk: Buffer, start: number): TextPart | undefined {
    if (this.#isBroken) return undefined;
    if (this.#escape === undefined) {
      const quote = chunk.indexOf(QUOTE, start);
      const text = chunk.subarray(start, quote === -1 ? chunk.length : quote);
      if (text.indexOf(BACKSLASH) === -1) return { text, end: quote === -1 ? undefined : quote + 1 };
    }
    return this.#unescape(chunk, start);
  }

  /** Byte by byte into a new buffer: escapes may be as many as there are characters. */
  #unescape(chunk: Buffer, start: number): TextPart | undefined {
    const text = Buffer.allocUnsafe(chunk.length - start + 1);
    let length = 0;
    let at = start;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#escape !== undefined) {
        const meant = this.#meant(byte);
        if (meant === "more") continue;
        if (meant === undefined) {
          this.#isBroken = true;
          return undefined;
        }
        text[length++] = meant;
      } else if (byte === BACKSLASH) {
        this.#escape = "";
      } else if (byte === QUOTE) {
        return { text: text.subarray(0, length), end: at + 1 };
      } else {
        text[length++] = byte;
      }
    }
    return { text: text.subarray(0, length), end: undefined };
  }

  /** What an escape means with one more byte; `undefined`: nothing. */
  #meant(byte: number): number | "more" | undefined {
    const read = `${this.#escape}${String.fromCharCode(byte)}`;
    if (read.length === 1 && read !== "u") {
      this.#escape = undefined;
      return SHORT.get(byte);
    }
    if (!/^u[\dA-Fa-f]{0,4}$/.test(read)) return undefined;
    this.#escape = read.length === 1 + HEX_DIGITS ? undefined : read;
    if (this.#escape !== undefined) return "more";
    const code = Number.parseInt(read.slice(1), 16);
    return code < 0x80 ? code : NOT_ASCII;
  }
}
