import { createCipheriv, createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { ANSWERS, type Model, UPLOAD_BYTES } from "./shapes";

/** A picture without its pixels; what follows is noise, because nobody here decodes it. */
const PNG_HEAD = pngHead(1024, 1024);

/** @see https://www.w3.org/TR/png-3/#11IHDR */
function pngHead(width: number, height: number): Buffer {
  const head = Buffer.alloc(33);
  head.write("\x89PNG\r\n\x1a\n", "latin1");
  head.writeUInt32BE(13, 8);
  head.write("IHDR", 12, "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  // Eight bits a channel, red, green and blue.
  head.set([8, 2], 24);
  head.writeUInt32BE(crc32(head.subarray(12, 29)), 29);
  return head;
}

/** The same bytes in every process. */
function makePicture(seed: number, bytes: number): Buffer {
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  const picture = noise.update(Buffer.alloc(bytes));
  PNG_HEAD.copy(picture);
  return picture;
}

/** The pictures of a model's answer, in order; no two are alike. */
export function picturesOf(model: Model): Buffer[] {
  const { pictures, textBytes } = ANSWERS[model];
  return Array.from({ length: pictures }, (_, seed) => makePicture(seed, (textBytes / 4) * 3));
}

/** What is uploaded to be edited. */
export const makeUpload = (): Buffer => makePicture(255, UPLOAD_BYTES);

export const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");
