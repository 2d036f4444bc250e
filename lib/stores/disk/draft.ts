import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KIB } from "../../internal/byte-sizes";
import type { Draft } from "../medium";

import { draftName, imageName } from "./file-name";
import { orStoreFull } from "./refusals";
import { formatTrailer } from "./trailer";

/** Each write is a trip to another thread: the small pieces of a stream are gathered for it. */
const BLOCK_BYTES = 512 * KIB;

/** An image in a file of its own, which becomes visible by being renamed. */
export async function openDraft(folder: string, id: string): Promise<Draft> {
  const path = join(folder, draftName(id));
  const handle = await orStoreFull(() => open(path, "wx", 0o600));
  const blocks = new Blocks(handle);
  return {
    append: (chunk) => blocks.append(chunk),
    commit: (image, about) =>
      orStoreFull(async () => {
        await blocks.append(Buffer.from(formatTrailer({ image, ...about })));
        await blocks.end();
        await handle.close();
        await rename(path, join(folder, imageName(image.key)));
      }),
    // Best effort: what remains is found by a later sweep.
    discard: async () => {
      await Promise.allSettled([handle.close()]);
      await Promise.allSettled([unlink(path)]);
    },
  };
}

/** Gathers pieces in a block of their own, and writes it when it is full. */
class Blocks {
  readonly #handle: FileHandle;
  #block: Buffer | undefined;
  #length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Takes a piece over; `undefined`: it is done, and nothing was to be written. */
  append(piece: Uint8Array): Promise<void> | undefined {
    const taken = this.#take(piece);
    return this.#isFull ? orStoreFull(() => this.#overflow(piece.subarray(taken))) : undefined;
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    if (this.#block === undefined || this.#length === 0) return;
    await this.#handle.writeFile(this.#block.subarray(0, this.#length));
    this.#length = 0;
  }

  get #isFull(): boolean {
    return this.#length === BLOCK_BYTES;
  }

  async #overflow(rest: Uint8Array): Promise<void> {
    await this.end();
    for (let at = 0; at < rest.length; ) {
      at += this.#take(rest.subarray(at));
      if (this.#isFull) await this.end();
    }
  }

  /** As much of the piece as there is room for. @returns how much that is */
  #take(piece: Uint8Array): number {
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES);
    const part = piece.subarray(0, BLOCK_BYTES - this.#length);
    this.#block.set(part, this.#length);
    this.#length += part.length;
    return part.length;
  }
}
