export interface JpegSize {
  readonly width: number;
  readonly height: number;
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Markers without a length behind them. */
const isBare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

const isScanOrEnd = (marker: number): boolean => marker === 0xda || marker === 0xd9;

/**
 * Width and height out of the frame header of a JPEG (ITU-T T.81, B.1.1.2 and B.2.2); `undefined` as long as that has not
 * come. Walks from segment to segment, so that a thumbnail inside the metadata is not taken for the picture.
 */
export function readJpegSize(bytes: Uint8Array): JpegSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 9 <= view.byteLength) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff || isScanOrEnd(marker)) return undefined;
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Any number of 0xff may stand before a marker.
    if (marker === 0xff) at += 1;
    else if (isBare(marker)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
