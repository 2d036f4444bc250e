import { imageSize } from "image-size";

export interface ImageHead {
  readonly contentType: "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif";
  readonly width: number;
  readonly height: number;
}

const CONTENT_TYPES = new Map<string | undefined, ImageHead["contentType"]>([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["avif", "image/avif"],
]);

/** Metadata may stand before the dimensions of a JPEG; more than this is not a picture of ours. */
const MAX_HEAD_BYTES = 512 * 1024;

/** Reads type and dimensions from the first bytes; `undefined` while they do not tell. SVG and documents never do. */
export function readImageHead(bytes: Uint8Array): ImageHead | undefined {
  try {
    const { type, width, height } = imageSize(bytes);
    const contentType = CONTENT_TYPES.get(type);
    if (contentType === undefined || !(width > 0) || !(height > 0)) return undefined;
    return { contentType, width, height };
  } catch {
    // The library throws alike for a short head and for no image at all.
    return undefined;
  }
}

/**
 * Reads just enough of a stream to know what picture it is, and gives the whole stream back.
 *
 * @returns `head: undefined` when it is no picture that is served here
 */
export async function peekImageHead(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: ImageHead | undefined; readonly bytes: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let seen: Buffer = Buffer.alloc(0);
  let head: ImageHead | undefined;
  try {
    while (head === undefined && seen.length < MAX_HEAD_BYTES) {
      const next = await iterator.next();
      if (next.done) break;
      seen = Buffer.concat([seen, next.value]);
      head = readImageHead(seen);
    }
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  return { head, bytes: replay(seen, iterator) };
}

async function* replay(seen: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (seen.length > 0) yield seen;
    for (;;) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
