import type { Format } from "./card";
import type { SharpLibrary } from "./library";
import type { Sheet } from "./paint/sheet";

/** The finished picture as a file, made on sharp's threads. */
export async function encode(
  sharp: SharpLibrary,
  sheet: Sheet,
  format: Format,
  quality: number | undefined,
): Promise<Uint8Array> {
  const { width, height } = sheet;
  const picture = sharp(Buffer.from(sheet.document(width, height))).removeAlpha();
  switch (format) {
    case "png":
      // Film grain hardly packs: higher levels take several times as long for a few percent.
      return await picture.png({ compressionLevel: 2 }).toBuffer();
    case "jpeg":
      return await picture.jpeg({ quality: quality ?? 90, chromaSubsampling: "4:4:4" }).toBuffer();
    case "webp":
      return await picture.webp({ quality: quality ?? 88, effort: 2 }).toBuffer();
  }
}
