import type Sharp from "sharp";
import type { ConvertedFormat, ImageConverter, Logger } from "../ports";

type SharpLibrary = typeof Sharp;

const FORMATS: readonly ConvertedFormat[] = ["png", "jpeg", "webp"];
/** Far beyond what a large picture takes; one that is made to take longer is given up. */
const LIMIT_SECONDS = 60;
const USUAL_QUALITY = 90;

/**
 * Converts with the optional package sharp, which is loaded by the first request that needs it. Where it is not installed nothing can be
 * converted.
 */
export function sharpConverter(log: Logger): ImageConverter {
  let loaded: { readonly sharp: SharpLibrary | undefined } | undefined;
  const load = () => {
    loaded ??= { sharp: loadSharp(log) };
    return loaded.sharp;
  };
  return {
    formats: () => (load() === undefined ? [] : FORMATS),

    async convert(picture, { format, compression = USUAL_QUALITY }) {
      const sharp = load();
      if (sharp === undefined) throw new Error("sharp is not installed: run `npm install sharp`.");
      // What turns a picture when it is shown is not handed on.
      const image = sharp(picture).autoOrient().timeout({ seconds: LIMIT_SECONDS });
      const quality = Math.max(1, compression);
      switch (format) {
        case "png":
          return image.png().toBuffer();
        case "jpeg":
          return image
            .flatten({ background: "white" })
            .jpeg({ quality, chromaSubsampling: "4:4:4" })
            .toBuffer();
        case "webp":
          return image.webp({ quality }).toBuffer();
      }
    },
  };
}

function loadSharp(log: Logger): SharpLibrary | undefined {
  try {
    const sharp: SharpLibrary = require("sharp");
    return sharp;
  } catch (error) {
    if (!isMissing(error)) {
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        "sharp is installed but does not load, so no picture can be converted; run `npm install sharp` again",
      );
    }
    return undefined;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
