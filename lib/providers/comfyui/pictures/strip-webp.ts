/** Chunks beside the picture, in which animation nodes write the workflow and the prompt. */
const BLANKED = new Set(["EXIF", "XMP "]);
const RIFF_HEAD = 12;
const CHUNK_HEAD = 8;

/**
 * Blanks what a WebP says beside the picture. The chunks stay in place, filled with zeros: leaving them out would change the
 * length at the file's beginning, which has gone out by then.
 *
 * @see https://developers.google.com/speed/webp/docs/riff_container
 */
export async function* stripWebp(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let head = Buffer.alloc(0);
  let wanted = RIFF_HEAD;
  let rest = 0;
  let isBlank = false;
  for await (const piece of source) {
    let bytes = piece;
    while (bytes.length > 0) {
      if (rest > 0) {
        const part = bytes.subarray(0, rest);
        bytes = bytes.subarray(part.length);
        rest -= part.length;
        yield isBlank ? Buffer.alloc(part.length) : part;
        continue;
      }
      const missing = bytes.subarray(0, wanted - head.length);
      head = Buffer.concat([head, missing]);
      bytes = bytes.subarray(missing.length);
      if (head.length < wanted) continue;
      yield head;
      if (wanted === CHUNK_HEAD) {
        const length = head.readUInt32LE(4);
        rest = length + (length % 2);
        isBlank = BLANKED.has(head.toString("latin1", 0, 4));
      }
      head = Buffer.alloc(0);
      wanted = CHUNK_HEAD;
    }
  }
}
