import { createHash, type Hash } from "node:crypto";

const OPENING = Buffer.from('"b64_json":"');
const QUOTE = 0x22;

export interface MeteredPicture {
  /** Of its base64 text. */
  readonly textBytes: number;
  /** Of its base64 text, where that was asked for. */
  readonly sha256: string | undefined;
  /** When its last byte was there; as `performance.now()`. */
  readonly at: number;
}

/** Finds the pictures in an answer as it comes, JSON or events, measures them, and keeps nothing of them. */
export class PictureMeter {
  readonly pictures: MeteredPicture[] = [];
  readonly #hashes: boolean;
  #outside: Buffer = Buffer.alloc(0);
  #isInside = false;
  #textBytes = 0;
  #hash: Hash | undefined;

  constructor(hashes: boolean) {
    this.#hashes = hashes;
  }

  feed(piece: Buffer): void {
    let rest: Buffer | undefined = piece;
    while (rest !== undefined) rest = this.#isInside ? this.#takeText(rest) : this.#seek(rest);
  }

  /** Looks for the next picture; what may be the beginning of its opening is kept for the next piece. */
  #seek(piece: Buffer): Buffer | undefined {
    const text = this.#outside.length === 0 ? piece : Buffer.concat([this.#outside, piece]);
    const start = text.indexOf(OPENING);
    if (start === -1) {
      this.#outside = Buffer.from(text.subarray(Math.max(0, text.length - OPENING.length + 1)));
      return undefined;
    }
    this.#outside = Buffer.alloc(0);
    this.#isInside = true;
    this.#textBytes = 0;
    this.#hash = this.#hashes ? createHash("sha256") : undefined;
    return text.subarray(start + OPENING.length);
  }

  #takeText(piece: Buffer): Buffer | undefined {
    const quote = piece.indexOf(QUOTE);
    const text = quote === -1 ? piece : piece.subarray(0, quote);
    this.#textBytes += text.length;
    this.#hash?.update(text);
    if (quote === -1) return undefined;
    this.#isInside = false;
    this.pictures.push({
      textBytes: this.#textBytes,
      sha256: this.#hash?.digest("hex"),
      at: performance.now(),
    });
    return piece.subarray(quote + 1);
  }
}
