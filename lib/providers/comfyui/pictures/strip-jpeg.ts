/** Start of scan: from here on there is only the picture. */
const SCAN = 0xda;
const COMMENT = 0xfe;
const MARKER_AND_LENGTH = 4;

/** APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colour transform) change how it looks; the others are words. */
const isLeftOut = (marker: number): boolean =>
  marker === COMMENT || (marker >= 0xe0 && marker <= 0xef && ![0xe0, 0xe2, 0xee].includes(marker));

/**
 * Leaves out of a JPEG what is said beside the picture (EXIF, XMP, comments), piece by piece.
 *
 * @see ITU-T T.81 B.1.1: marker, length with itself, content
 */
export async function* stripJpeg(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let head = Buffer.alloc(0);
  let wanted = 2;
  let rest = 0;
  let isKept = true;
  let isPassing = false;
  for await (const piece of source) {
    let bytes = piece;
    while (bytes.length > 0) {
      if (isPassing) {
        yield bytes;
        break;
      }
      if (rest > 0) {
        const part = bytes.subarray(0, rest);
        bytes = bytes.subarray(part.length);
        rest -= part.length;
        if (isKept) yield part;
        continue;
      }
      const missing = bytes.subarray(0, wanted - head.length);
      head = Buffer.concat([head, missing]);
      bytes = bytes.subarray(missing.length);
      if (head.length < wanted) continue;
      const marker = head.readUInt8(1);
      const isSegment = wanted === MARKER_AND_LENGTH;
      isKept = !isSegment || !isLeftOut(marker);
      if (isSegment) rest = Math.max(0, head.readUInt16BE(2) - 2);
      // Whatever is no segment is left as it is.
      isPassing = isSegment && (head.readUInt8(0) !== 0xff || marker === SCAN);
      if (isKept) yield head;
      head = Buffer.alloc(0);
      wanted = MARKER_AND_LENGTH;
    }
  }
}
