import { createNoise, fractal } from "../paint/noise";
import type { Random } from "../paint/random";
import { line, type Point } from "../paint/shapes";
import type { Scene } from "./scene";

export interface RidgeShape {
  /** The line it rises from, in pixels from the top. */
  readonly base: number;
  /** From the base to the highest peaks, in pixels. */
  readonly rise: number;
  /** Pixels from one peak to the next, roughly. */
  readonly spacing: number;
  /** 0 rolling hills … 1 jagged rock. */
  readonly jagged: number;
}

/** The upper edge of a chain of hills, from left of the sheet to right of it. */
export function ridgeLine(scene: Scene, random: Random, shape: RidgeShape): readonly Point[] {
  const noise = createNoise(random);
  const { width, detail } = scene;
  const step = Math.max(1, Math.min(width / 90, shape.spacing / 26) / (0.5 + 0.5 * detail));
  const start = random.between(0, 200);
  const points: Point[] = [];
  for (let x = -step; x <= width + 2 * step; x += step) {
    const at = start + x / shape.spacing;
    const rolling = 0.5 + 0.62 * fractal(noise, at, 0.5, 3);
    // Folding the noise at zero gives sharp crests with wide valleys between.
    const crest = (1 - Math.abs(fractal(noise, at * 0.85, 7.5, 2, 0.4))) ** 2.6;
    const rough = fractal(noise, at * 5, 3.1, 4, 0.6) * 0.16;
    const height = (1 - shape.jagged) * rolling + shape.jagged * (crest * (0.55 + 0.5 * rolling) + rough);
    points.push({ x, y: shape.base - shape.rise * Math.max(0.02, height) });
  }
  return points;
}

/** The `d` of the ground below an edge, down to `bottom`. */
export function below(points: readonly Point[], bottom: number): string {
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last) return "";
  return `${line([...points, { x: last.x, y: bottom }, { x: first.x, y: bottom }])}Z`;
}
