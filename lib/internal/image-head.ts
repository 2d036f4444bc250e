import { imageSize } from "image-size";
import { asBuffer } from "./as-buffer";
import { KIB } from "./byte-sizes";
import { Flow } from "./flow";
import { joined } from "./joined";
import { readJpegSize } from "./jpeg-size";
import { replay } from "./replay";
import { atHand, coming, END } from "./supply";

export interface ImageHead {
  readonly contentType: "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif";
  readonly width: number;
  readonly height: number;
}

const CONTENT_TYPES = new Map<string | undefined, ImageHead["contentType"]>([
  ["png", "image/png"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["avif", "image/avif"],
]);

/** Metadata may stand before the dimensions of a JPEG; more than this is not a picture of ours. */
const MAX_HEAD_BYTES = 512 * KIB;
/** Where every format has shown its signature, and most their dimensions. */
const MIN_HEAD_BYTES = 30;

/** Reads type and dimensions from the first bytes; `undefined` while they do not tell. SVG and documents never do. */
export function readImageHead(bytes: Uint8Array): ImageHead | undefined {
  if (bytes.byteLength < MIN_HEAD_BYTES) return undefined;
  const start = startOf(bytes);
  if (!isSignature(start)) return undefined;
  const head = isJpeg(start) ? jpegHead(bytes) : otherHead(bytes);
  return head !== undefined && head.width > 0 && head.height > 0 ? head : undefined;
}

function jpegHead(bytes: Uint8Array): ImageHead | undefined {
  const size = readJpegSize(bytes);
  return size && { contentType: "image/jpeg", ...size };
}

function otherHead(bytes: Uint8Array): ImageHead | undefined {
  try {
    // A copy in a buffer of its own: the library reads past the end of a view, into whatever lies behind it.
    const { type, width, height } = imageSize(new Uint8Array(bytes));
    const contentType = CONTENT_TYPES.get(type);
    return contentType && { contentType, width, height };
  } catch {
    // It throws alike for a short head and for no image at all.
    return undefined;
  }
}

const startOf = (bytes: Uint8Array): string => asBuffer(bytes).toString("latin1", 0, 12);

const isJpeg = (start: string): boolean => start.startsWith("\xff\xd8\xff");

/** The library knows twenty more formats, some by searching all there is: it is asked only about ours. */
const isSignature = (start: string): boolean =>
  isJpeg(start) ||
  start.startsWith("\x89PNG\r\n\x1a\n") ||
  start.startsWith("GIF8") ||
  (start.startsWith("RIFF") && start.endsWith("WEBP")) ||
  start.slice(4, 8) === "ftyp";

/**
 * Reads just enough of a stream to know what picture it is, and gives the whole stream back.
 *
 * @param decoded the picture's own bytes in the beginning of the stream, where that is written in another form
 * @returns `head: undefined` when it is no picture that is served here; whoever does not read `bytes` to their end must
 * `return` them, which closes the source
 */
export async function peekImageHead(
  source: AsyncIterable<Uint8Array>,
  decoded: (start: Uint8Array) => Uint8Array = (start) => start,
): Promise<{ readonly head: ImageHead | undefined; readonly bytes: Flow }> {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let length = 0;
  // Looking again only when there is twice as much: else a picture that comes byte by byte costs its square.
  let lookAt = MIN_HEAD_BYTES;
  let head: ImageHead | undefined;
  const look = () => {
    lookAt = 2 * length;
    if (length === 0) return false;
    const start = joined(seen);
    seen.splice(0, seen.length, start);
    const bytes = decoded(start);
    head = readImageHead(bytes);
    return head === undefined && length < MAX_HEAD_BYTES && isSignature(startOf(bytes));
  };
  for (let isOpen = true; isOpen; ) {
    const piece = atHand(iterator) ?? (await closingOnError(iterator));
    if (piece === END) {
      look();
      break;
    }
    seen.push(piece);
    length += piece.byteLength;
    if (length >= lookAt) isOpen = look();
    // A copy: the source may use its piece again when it is asked for the next.
    if (isOpen) seen.splice(-1, 1, Buffer.from(seen.at(-1) ?? piece));
  }
  return { head, bytes: Flow.from(replay(seen, iterator)) };
}

async function closingOnError(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | typeof END> {
  try {
    return await coming(iterator);
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}
