import type { Drawing } from "./drawing";
import type { Given } from "./given";
import type { SharpLibrary } from "./library";
import type { Sheet } from "./paint/sheet";

/** `over` covers the picture, as far as it is covered; `soft-light` leaves it its light and takes its colours. */
export type Blend = "over" | "soft-light";

/** What is laid over a given picture. */
export interface Overlay {
  readonly scene: Sheet;
  /** Over everything. */
  readonly label: Sheet;
  readonly blend: Blend;
}

/** How much of the scene is seen in the middle and at the corners, from black for nothing to white for all. */
const FADES: Readonly<Record<Blend, readonly [middle: string, corner: string]>> = {
  over: ["#d8d8d8", "#202020"],
  "soft-light": ["#ffffff", "#ffffff"],
};

/** A given picture with a scene drawn into it: where its mask says so, else from the middle outwards ever less. */
export function editedDrawing(sharp: SharpLibrary, given: Given, { scene, label, blend }: Overlay): Drawing {
  const own = { width: given.width, height: given.height };
  const image = sharp(given.image, { raw: { ...own, channels: 3 } });
  const mask = given.mask && sharp(given.mask, { raw: { ...own, channels: 1 } });
  const document = (sheet: Sheet, width: number, height: number) =>
    Buffer.from(sheet.document(width, height));
  const fade = (width: number, height: number) => sharp(faded(width, height, FADES[blend])).extractChannel(0);
  return {
    ...own,
    async rendered(width, height) {
      const size = { width, height };
      const scaled = { ...size, fit: "fill" } as const;
      const [base, drawn, alpha] = await Promise.all([
        image.clone().resize(scaled).raw().toBuffer(),
        sharp(document(scene, width, height))
          .removeAlpha()
          .raw()
          .toBuffer(),
        (mask?.clone().resize(scaled) ?? fade(width, height)).toColourspace("b-w").raw().toBuffer(),
      ]);
      // One after the other: in one go the library would take the new channel away again.
      const veil = await sharp(drawn, { raw: { ...size, channels: 3 } })
        .joinChannel(alpha, { raw: { ...size, channels: 1 } })
        .raw()
        .toBuffer();
      const edited = await sharp(base, { raw: { ...size, channels: 3 } })
        .composite([
          { input: veil, raw: { ...size, channels: 4 }, blend },
          { input: document(label, width, height) },
        ])
        .removeAlpha()
        .raw()
        .toBuffer();
      return sharp(edited, { raw: { ...size, channels: 3 } });
    },
  };
}

const faded = (width: number, height: number, [middle, corner]: readonly [string, string]): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<radialGradient id="fade" r="0.75"><stop offset="0.1" stop-color="${middle}"/><stop offset="1" stop-color="${corner}"/></radialGradient>` +
      '<rect width="100%" height="100%" fill="url(#fade)"/></svg>',
  );
