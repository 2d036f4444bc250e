import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";

import type { InputImage } from "../../ports";

/** A caller's picture that remembers how it was read. */
export interface WatchedImage extends InputImage {
  readonly bytes: Buffer;
  /** How often it was read to its end. */
  wholeReads(): number;
  /** Somebody has begun to read it, and neither come to its end nor left. */
  isOpen(): boolean;
}

const SIDE = 64;
const CHANNELS = 4;
/** An odd number: where a piece ends is nobody's business. */
const PIECE_BYTES = 1_001;

/**
 * A PNG of 64 x 64 pixels of noise, half transparent: as large in every form, and told from any other by each piece of it.
 *
 * @param breaksOff after its first piece
 */
export function watchedImage(name: string, { breaksOff = false } = {}): WatchedImage {
  const bytes = noise(name);
  let whole = 0;
  let open = 0;
  return {
    name: `${name}.png`,
    type: "image/png",
    length: bytes.length,
    bytes,
    wholeReads: () => whole,
    isOpen: () => open > 0,
    async *open() {
      open += 1;
      try {
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          // A store is never as quick as a call.
          await new Promise(setImmediate);
          if (breaksOff && at > 0) throw new Error("The picture could not be read.");
          yield Uint8Array.from(bytes.subarray(at, at + PIECE_BYTES));
        }
        whole += 1;
      } finally {
        open -= 1;
      }
    },
  };
}

/** @see https://www.w3.org/TR/png-3/#11Chunks */
function noise(seed: string): Buffer {
  const header = Buffer.from([0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 6, 0, 0, 0]);
  const lines = Array.from({ length: SIDE }, (_, at) =>
    Buffer.concat([Buffer.alloc(1), line(`${seed} ${at}`)]),
  );
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function line(seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let bytes = 0; bytes < SIDE * CHANNELS; bytes += 32) {
    blocks.push(createHash("sha256").update(`${bytes} ${seed}`).digest());
  }
  const pixels = Buffer.concat(blocks);
  for (let at = CHANNELS - 1; at < pixels.length; at += CHANNELS) {
    pixels[at] = at < pixels.length / 2 ? 0 : 255;
  }
  return pixels;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
