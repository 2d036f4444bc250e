import type { SharpLibrary } from "../library";
import type { Texture } from "./texture";

/** Turns drawings into pixels and pixels into something a drawing can hold; all of it on sharp's threads. */
export interface Raster {
  /** The drawing's pixels, opaque, three bytes each. */
  pixels(document: string): Promise<Uint8Array>;
  /** The texture as the `href` of an `<image>`. */
  href(texture: Texture): Promise<string>;
}

export function createRaster(sharp: SharpLibrary): Raster {
  return {
    async pixels(document) {
      return await sharp(Buffer.from(document)).removeAlpha().raw().toBuffer();
    },
    async href({ width, height, pixels }) {
      // Read once and thrown away: packing it tighter costs more than it saves.
      const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
        .png({ compressionLevel: 1 })
        .toBuffer();
      return `data:image/png;base64,${png.toString("base64")}`;
    },
  };
}
