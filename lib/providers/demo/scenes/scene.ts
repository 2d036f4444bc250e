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

/** Pixels along the longer side of a texture: soft things need few. */
export interface Grain {
  readonly longSide: number;
  /** @default 1 */
  readonly opacity?: number;
}

/** A texture over an area of the drawing, as an element. */
export async function textured(scene: Scene, area: Area, { longSide, opacity = 1 }: Grain, shader: Shader): Promise<string> {
  const scale = Math.min(1, longSide / Math.max(area.width, area.height));
  const width = Math.max(1, Math.round(area.width * scale));
  const height = Math.max(1, Math.round(area.height * scale));
  const href = await scene.raster.href(await shade(width, height, shader));
  const seen = opacity === 1 ? "" : ` opacity="${short(opacity)}"`;
  return `<image x="${short(area.x)}" y="${short(area.y)}" width="${short(area.width)}" height="${short(area.height)}" preserveAspectRatio="none"${seen} href="${href}"/>`;
}
