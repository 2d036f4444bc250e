import { BACKSLASH, QUOTE } from "./characters";

/** Finds the closing quotes of strings, wherever their chunks end. */
export class StringEnd {
  /** The last chunk ended behind a backslash. */
  #isEscaped = false;

  /** Where the quote is that closes the string, the length of the chunk when it is not in that. */
  in(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) return at;
    }
    return chunk.length;
  }
}
