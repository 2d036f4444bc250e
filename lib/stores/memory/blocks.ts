import { KIB } from "../../internal/byte-sizes";
import type { ByteRange } from "../../ports";

const BLOCK_BYTES = 64 * KIB;

/**
 * Bytes packed into blocks of one size, whatever the chunks they came in: many tiny chunks cost no more than their bytes,
 * and no chunk keeps the bigger buffer alive that it was cut from.
 */
export class Blocks {
  readonly #blocks: Uint8Array[] = [];
  #last: Uint8Array = new Uint8Array(0);
  #lastBytes = 0;

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#lastBytes === this.#last.byteLength) this.#addBlock();
      const piece = chunk.subarray(at, at + BLOCK_BYTES - this.#lastBytes);
      this.#last.set(piece, this.#lastBytes);
      this.#lastBytes += piece.byteLength;
      at += piece.byteLength;
    }
  }

  /** Gives back what the last block has too much; nothing can be appended after it. */
  trim(): void {
    if (this.#lastBytes < this.#last.byteLength)
      this.#blocks[this.#blocks.length - 1] = this.#last.slice(0, this.#lastBytes);
  }

  /** Copies, block by block: the reader may do with them as they like. */
  async *read({ start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    for (let at = start; at <= end; ) {
      signal.throwIfAborted();
      const offset = at % BLOCK_BYTES;
      const piece = this.#blocks[(at - offset) / BLOCK_BYTES]?.slice(offset, offset + end - at + 1);
      if (!piece?.byteLength) return;
      at += piece.byteLength;
      yield piece;
    }
  }

  #addBlock(): void {
    this.#last = new Uint8Array(BLOCK_BYTES);
    this.#lastBytes = 0;
    this.#blocks.push(this.#last);
  }
}
