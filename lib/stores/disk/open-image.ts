import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { join } from "node:path";

import { imageName } from "./file-name";
import { codeOf } from "./refusals";
import { parseTrailer, TRAILER_BYTES, type Trailer } from "./trailer";

export interface OpenImage extends Trailer {
  /** The caller's to close. */
  readonly handle: FileHandle;
}

// A link is not followed and a pipe not waited for, should somebody have put one there. Windows knows neither flag.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What `open` says of a file that is not there or is a link (the third on BSD). */
const ABSENT: readonly unknown[] = ["ENOENT", "ELOOP", "EMLINK"];

/** Opens a whole image of ours; `undefined` when there is none under that key. */
export async function openImage(folder: string, key: string): Promise<OpenImage | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(join(folder, imageName(key)), FLAGS);
  } catch (error) {
    if (ABSENT.includes(codeOf(error))) return undefined;
    throw error;
  }
  try {
    const trailer = await readTrailer(handle);
    // On a file system that ignores case another spelling of the key leads here too.
    if (trailer?.image.key === key) return { handle, ...trailer };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function readTrailer(handle: FileHandle): Promise<Trailer | undefined> {
  const stats = await handle.stat();
  if (!stats.isFile() || stats.size < TRAILER_BYTES) return undefined;
  const { buffer } = await handle.read({
    buffer: Buffer.alloc(TRAILER_BYTES),
    position: stats.size - TRAILER_BYTES,
  });
  return parseTrailer(buffer, stats.size);
}
