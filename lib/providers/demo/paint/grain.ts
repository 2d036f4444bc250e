import { Random } from "./random";
import type { Raster } from "./raster";
import { type Sheet, short } from "./sheet";
import { shade } from "./texture";

const TILE = 160;
/** Of 255. Just enough that wide gradients show no steps. */
const STRENGTH = 5;

/** Lays a fine film grain over all that is drawn so far. */
export async function addGrain(sheet: Sheet, raster: Raster): Promise<void> {
  const random = new Random("grain");
  const tile = await shade(TILE, TILE, (_u, _v, pixels, at) => {
    const value = random.next() + random.next() - 1;
    pixels.fill(value > 0 ? 255 : 0, at, at + 3);
    pixels[at + 3] = Math.abs(value) * STRENGTH * 2;
  });
  const href = await raster.href(tile);
  const pattern = sheet.define(
    (id) =>
      `<pattern id="${id}" patternUnits="userSpaceOnUse" width="${TILE}" height="${TILE}"><image width="${TILE}" height="${TILE}" href="${href}"/></pattern>`,
  );
  sheet.add(`<rect width="${short(sheet.width)}" height="${short(sheet.height)}" fill="${pattern}"/>`);
}
