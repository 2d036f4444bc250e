import type { Format } from "./card";
import type { Drawing } from "./drawing";

/** The finished picture as a file, made on sharp's threads. */
export async function encode(
  drawing: Drawing,
  format: Format,
  quality: number | undefined,
): Promise<Uint8Array> {
  const picture = await drawing.rendered(drawing.width, drawing.height);
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
