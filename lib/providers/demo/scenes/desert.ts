import { mix } from "../paint/colour";
import { createNoise, fractal } from "../paint/noise";
import { curve, fill, path, type Point, stroke } from "../paint/shapes";
import { short } from "../paint/sheet";
import { below, ridgeLine } from "./ridge";
import type { Scene } from "./scene";
import { addSky } from "./sky";

/** Dunes with a bright and a dark side, rock far behind. */
export async function drawDesert(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette } = scene;
  const place = random.fork("place");
  const horizon = height * place.between(0.5, 0.58);
  const unit = Math.min(height, width);
  const sun = {
    x: width * place.pick(0.27, 0.73),
    y: horizon - unit * place.between(0.14, 0.26),
    radius: unit * place.between(0.07, 0.095),
  };
  await addSky(scene, { horizon: horizon + unit * 0.05, sun, clouds: 0.22 });
  const rock = ridgeLine(scene, random.fork("rock"), { base: horizon + unit * 0.04, rise: unit * 0.13, spacing: unit * 0.42, jagged: 0.75 });
  sheet.add(path(below(rock, height), fill(mix(palette.far, palette.sky[3], 0.3))));
  const dunes = 5;
  for (let dune = 0; dune < dunes; dune++) addDune(scene, dune, dune / (dunes - 1), horizon, sun.x);
}

function addDune(scene: Scene, dune: number, nearness: number, horizon: number, sunX: number): void {
  const { sheet, width, height, palette, detail } = scene;
  const random = scene.random.fork(`dune ${dune}`);
  const noise = createNoise(random);
  const unit = Math.min(width * 1.2, height);
  const base = horizon + (height - horizon) * (0.1 + 0.72 * nearness ** 1.3);
  const rise = unit * (0.07 + 0.13 * nearness);
  const spacing = unit * (0.5 + 0.85 * nearness);
  const start = random.between(0, 50);
  const crest: Point[] = [];
  const foot: Point[] = [];
  const steps = Math.round(Math.min(160, 30 + (width / spacing) * 26));
  for (let step = -2; step <= steps + 2; step++) {
    const x = (width * step) / steps;
    const at = start + x / spacing;
    // The absolute value folds the wave: a sharp crest with round valleys.
    const wave = 1 - Math.abs(fractal(noise, at, 0.4, 2, 0.3)) * 2.3;
    const y = base - rise * wave;
    crest.push({ x, y });
    const lee = Math.max(0, wave - 0.25) * (1.15 + 0.5 * noise(at * 2.3, 8));
    foot.push({ x: x + lee * rise * 0.9 * (sunX < width / 2 ? 1 : -1), y: y + lee * rise * 1.1 + 0.2 });
  }
  const sand = mix(mix(palette.accents[1], palette.far, 0.55 - 0.35 * nearness), palette.middle, 0.12 + 0.25 * nearness);
  const lit = mix(sand, palette.glow, 0.42 - 0.2 * nearness);
  const dark = mix(sand, palette.near, 0.42 + 0.22 * nearness);
  const ground = sheet.linear(sunX, base - rise, width - sunX, height, [
    { at: 0, colour: mix(lit, palette.sun, 0.25 * (1 - nearness)) },
    { at: 0.5, colour: mix(lit, sand, 0.5) },
    { at: 1, colour: mix(sand, palette.near, 0.35 * nearness + 0.1) },
  ]);
  const bottom = height + 4;
  sheet.add(path(`${curve(crest)}V${short(bottom)}H-9Z`, fill(ground)));
  const shade = sheet.linear(0, base - rise, 0, base + rise * 1.2, [
    { at: 0, colour: dark, opacity: 0.92 },
    { at: 1, colour: dark, opacity: 0.25 },
  ]);
  sheet.add(path(`${curve(crest)}${curve([...foot].reverse()).replace("M", "L")}Z`, fill(shade)));
  if (nearness < 0.4) return;
  for (let ripple = 1; ripple < 9 * detail; ripple++) {
    const drop = (ripple / (9 * detail)) * (height - base + rise) * 0.8;
    const bent = foot.map(({ x, y }, at) => ({ x, y: y + drop + noise(at * 0.24, ripple * 0.7) * rise * 0.12 }));
    sheet.add(path(curve(bent), stroke(dark, Math.max(0.4, unit * 0.0016), 0.16 * nearness)));
  }
}
