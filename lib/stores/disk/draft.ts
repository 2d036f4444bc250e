import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KIB } from "../../internal/byte-sizes";
import type { Draft } from "../medium";

import { draftName, imageName } from "./file-name";
import { orStoreFull } from "./refusals";
import { formatTrailer } from "./trailer";

/** Each write is a trip to another thread: the small pieces of a stream are gathered for it. */
const BLOCK_BYTES = 256 * KIB;

/** An image in a file of its own, which becomes visible by being renamed. */
export async function openDraft(folder: string, id: string): Promise<Draft> {
  const path = join(folder, draftName(id));
  const handle = await orStoreFull(() => open(path, "wx", 0o600));
  const append = inBlocks(handle);
  return {
    append: (chunk) => orStoreFull(() => append(chunk)),
    commit: (image, about) =>
      orStoreFull(async () => {
        await append(Buffer.from(formatTrailer({ image, ...about })), { isLast: true });
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

/** Takes pieces over: their bytes may be used again once it has resolved. */
function inBlocks(handle: FileHandle) {
  let block = Buffer.alloc(0);
  let length = 0;
  return async (piece: Uint8Array, { isLast = false } = {}): Promise<void> => {
    if (block.length === 0) block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + block.length - length);
      block.set(part, length);
      length += part.length;
      at += part.length;
      if (length < block.length && !(isLast && at === piece.length)) continue;
      await handle.writeFile(block.subarray(0, length));
      length = 0;
    }
  };
}
