import { ProviderError } from "../../../ports/provider-error";

/** Chunks that change how a picture looks or moves; every other ancillary chunk is left out. */
const KEPT = new Set(
  "tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV cLLI acTL fcTL fdAT".split(" "),
);
const SIGNATURE = 8;
const HEAD = 8;
const CRC = 4;
const MAX_CHUNK = 2 ** 31 - 1;

/**
 * Leaves out of a PNG what is said beside the picture: ComfyUI writes the whole workflow and the prompt there. Passes on what it
 * is given piece by piece, nothing is kept.
 *
 * @see https://www.w3.org/TR/png-3/#5Chunk-layout : length, type, data, CRC; lower case first = ancillary
 */
export async function* stripPng(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  /** Collects the head of a chunk across pieces. */
  let head = Buffer.alloc(0);
  let wanted = SIGNATURE;
  let isSignature = true;
  /** Bytes of the present chunk, CRC included, that are still to come. */
  let rest = 0;
  let isKept = true;
  /** What follows the end is no part of the picture. */
  let isLast = false;
  for await (const piece of source) {
    let bytes = piece;
    while (bytes.length > 0) {
      if (rest > 0) {
        const part = bytes.subarray(0, rest);
        bytes = bytes.subarray(part.length);
        rest -= part.length;
        if (isKept) yield part;
        continue;
      }
      if (isLast) break;
      const missing = bytes.subarray(0, wanted - head.length);
      head = Buffer.concat([head, missing]);
      bytes = bytes.subarray(missing.length);
      if (head.length < wanted) continue;
      if (!isSignature) {
        const length = head.readUInt32BE(0);
        const type = head.toString("latin1", 4, 8);
        if (length > MAX_CHUNK || !/^[A-Za-z]{4}$/.test(type)) throw broken();
        rest = length + CRC;
        isKept = /^[A-Z]/.test(type) || KEPT.has(type);
        isLast = type === "IEND";
      }
      if (isKept) yield head;
      isSignature = false;
      head = Buffer.alloc(0);
      wanted = HEAD;
    }
  }
}

const broken = (): ProviderError =>
  new ProviderError("protocol", "The server sent a broken picture.", { started: "yes" });
