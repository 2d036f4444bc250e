import { channels } from "../paint/colour";
import { createNoise, fractal } from "../paint/noise";
import { path } from "../paint/shapes";
import { type Area, short } from "../paint/sheet";
import { type Scene, textured, textureSize } from "./scene";

export interface Water {
  readonly area: Area;
  /** 0 a mirror … 1 open sea. */
  readonly roughness: number;
  /** Where the light stands above it, in pixels from the left. */
  readonly lightX: number;
}

/** What is reflected has as many pixels as a square of this side. */
const MIRROR_SIDE = 330;

/** Covers an area with water that mirrors, broken by waves, all that has been drawn above it so far. */
export async function addWater(scene: Scene, water: Water): Promise<void> {
  const { sheet, palette, raster, detail } = scene;
  const { area, roughness } = water;
  const above = {
    x: area.x,
    y: Math.max(0, area.y - area.height),
    width: area.width,
    height: Math.min(area.y, area.height),
  };
  const { columns, rows } = textureSize(above, MIRROR_SIDE);
  const mirrored = await raster.pixels(sheet.document(columns, rows, above));
  const means = rowMeans(mirrored, columns, rows);
  const noise = createNoise(scene.random.fork("water"));
  const deep = channels(palette.near);
  const light = channels(palette.sun);
  const fineness = 60 / Math.max(area.height, Math.min(area.width, area.height * 2));

  const surface = await textured(scene, area, { side: 400 * (0.6 + 0.4 * detail) }, (u, v, out, at) => {
    // A flat surface seen from low: waves crowd together towards the horizon.
    const distance = 1 / (0.05 + 0.95 * v);
    const x = (u - 0.5) * area.width * fineness * (0.25 + 0.05 * distance);
    const y = v * 15 - distance * 4.2;
    const swell = fractal(noise, x * (0.3 + 0.25 * roughness), y * 2.2, 3, 0.55);
    const chop = roughness * noise(x * 0.9 + 60, y * 6.5 + swell);
    const wave = swell * (1 - 0.45 * roughness) + chop * 0.55;
    const tilt = wave * (0.15 + v) * (0.035 + 0.24 * roughness);
    const seenV = Math.min(1, Math.max(0, v * (1 - 0.25 * roughness) + tilt));
    const seenU = u + wave * (0.004 + 0.02 * roughness) * (0.3 + v);
    const row = Math.min(rows - 1, Math.max(0, Math.round((1 - seenV) * (rows - 1))));
    const column = Math.min(columns - 1, Math.max(0, Math.round(seenU * (columns - 1))));
    const source = (row * columns + column) * 3;
    const depth = Math.min(0.82, 0.08 + 0.42 * v + wave * (0.04 + 0.38 * roughness));
    const blur = roughness * Math.min(1, 0.25 + v);
    const spread = (0.02 + 0.1 * v + 0.05 * roughness) * Math.max(0.5, area.height / area.width);
    const off = Math.abs(u * area.width - water.lightX) / area.width;
    const glitter =
      Math.max(0, wave * 1.9 - 0.05) * Math.exp(-((off / spread) ** 2)) * (0.55 + 0.45 * roughness);
    for (let channel = 0; channel < 3; channel++) {
      const sharp = mirrored[source + channel] ?? 0;
      const seen = sharp + ((means[row * 3 + channel] ?? 0) - sharp) * blur;
      const dimmed = seen + ((deep[channel] ?? 0) - seen) * Math.max(0, depth);
      out[at + channel] = dimmed + ((light[channel] ?? 0) - dimmed) * Math.min(0.95, glitter);
    }
    out[at + 3] = 255;
  });
  sheet.add(surface);
  addRipples(scene, water);
}

/** The mean colour of each row: rough water shows no more than that of what is far above it. */
function rowMeans(pixels: Uint8Array, columns: number, rows: number): Float64Array {
  const means = new Float64Array(rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let at = row * columns * 3; at < (row + 1) * columns * 3; at++) {
      const mean = row * 3 + (at % 3);
      means[mean] = (means[mean] ?? 0) + (pixels[at] ?? 0) / columns;
    }
  }
  return means;
}

/** Thin bright and dark lines, crisp where the surface below is soft. */
function addRipples(scene: Scene, { area, roughness, lightX }: Water): void {
  const random = scene.random.fork("ripples");
  const { palette, detail } = scene;
  const count = Math.round(
    Math.min(220, 46 * detail * Math.max(1, area.width / area.height)) * (0.6 + roughness),
  );
  const bright: string[] = [];
  const dark: string[] = [];
  for (let ripple = 0; ripple < count; ripple++) {
    const v = random.next() ** 1.6;
    const length = Math.min(area.width, area.height * 1.5) * (0.015 + 0.1 * v) * random.between(0.5, 1.4);
    const isLit = random.chance(0.45);
    const x = isLit
      ? lightX + (random.next() + random.next() - 1) * area.height * (0.12 + 0.35 * v)
      : area.x + random.between(0, area.width);
    const y = area.y + area.height * (0.015 + 0.985 * v);
    const thick = Math.max(0.3, area.height * (0.0012 + 0.0045 * v));
    // A lens, not a line: it thins out at both ends.
    const shape = `M${short(x - length)} ${short(y)}q${short(length)} ${short(-thick)} ${short(2 * length)} 0q${short(-length)} ${short(thick)} ${short(-2 * length)} 0`;
    (isLit ? bright : dark).push(shape);
  }
  scene.sheet.add(path(dark.join(""), `fill="${palette.sky[0]}" fill-opacity="0.22"`));
  scene.sheet.add(path(bright.join(""), `fill="${palette.sun}" fill-opacity="0.55"`));
}
