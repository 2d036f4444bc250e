import type { Random } from "../paint/random";
import type { Raster } from "../paint/raster";
import { type Area, type Sheet, short } from "../paint/sheet";
import { type Shader, shade } from "../paint/texture";
import type { Palette } from "../palette";

/** Everything a scene is drawn with. */
export interface Scene {
  readonly sheet: Sheet;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly random: Random;
  readonly raster: Raster;
  /** How much there is to see: 1, or 2 for high quality. */
  readonly detail: number;
}

/** Draws onto `scene.sheet`. */
export type DrawScene = (scene: Scene) => Promise<void>;

export interface Fineness {
  /** The texture has as many pixels as a square of this side: soft things need few. */
  readonly side: number;
  /** @default 1 */
  readonly opacity?: number;
}

/** A texture over an area of the drawing, as an element. */
export async function textured(
  scene: Scene,
  area: Area,
  { side, opacity = 1 }: Fineness,
  shader: Shader,
): Promise<string> {
  const { columns, rows } = textureSize(area, side);
  const href = await scene.raster.href(await shade(columns, rows, shader));
  const seen = opacity === 1 ? "" : ` opacity="${short(opacity)}"`;
  return `<image x="${short(area.x)}" y="${short(area.y)}" width="${short(area.width)}" height="${short(area.height)}" preserveAspectRatio="none"${seen} href="${href}"/>`;
}

/** Columns and rows of about `side`² pixels in the shape of the area, never more than the area has. */
export function textureSize(
  { width, height }: Area,
  side: number,
): { readonly columns: number; readonly rows: number } {
  const scale = Math.min(1, side / Math.sqrt(width * height));
  return { columns: Math.max(2, Math.round(width * scale)), rows: Math.max(2, Math.round(height * scale)) };
}

/** Where the sky meets the ground, `share` (0 … 1) down the sheet; lower on tall sheets, whose ground would look like a wall. */
export function horizonAt({ width, height }: Scene, share: number): number {
  return Math.max(height * share, height - width * 1.15);
}
