import { type Colour, mix } from "../paint/colour";
import type { Random } from "../paint/random";
import { fill, path, rectangle, stroke } from "../paint/shapes";
import { short } from "../paint/sheet";
import { below, ridgeLine } from "./ridge";
import { horizonAt, type Scene } from "./scene";
import { addSky } from "./sky";

/** Dunes with a bright and a dark side, rock far behind. */
export async function drawDesert(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette } = scene;
  const place = random.fork("place");
  const horizon = horizonAt(scene, place.between(0.5, 0.58));
  const unit = Math.min(height, width);
  const sunOnLeft = place.chance(0.5);
  const sun = {
    x: width * (sunOnLeft ? place.between(0.2, 0.32) : place.between(0.68, 0.8)),
    y: horizon - unit * place.between(0.14, 0.26),
    radius: unit * place.between(0.06, 0.085),
  };
  await addSky(scene, { horizon: horizon + unit * 0.05, sun, clouds: 0.22 });
  const rock = ridgeLine(scene, random.fork("rock"), {
    base: horizon + unit * 0.03,
    rise: unit * 0.12,
    spacing: unit * 0.42,
    jagged: 0.75,
  });
  sheet.add(path(below(rock, height), fill(mix(palette.far, palette.sky[3], 0.35))));
  const floor = sheet.linear(0, horizon, 0, height, [
    { at: 0, colour: mix(palette.far, palette.sky[3], 0.5) },
    { at: 1, colour: mix(palette.far, palette.middle, 0.6) },
  ]);
  sheet.add(rectangle({ x: 0, y: horizon, width, height: height - horizon }, fill(floor)));
  const rows = 5;
  for (let row = 0; row < rows; row++) addRow(scene, { row, nearness: row / (rows - 1), horizon, sunOnLeft });
}

interface Row {
  readonly row: number;
  /** 0 at the horizon … 1 before our feet. */
  readonly nearness: number;
  readonly horizon: number;
  readonly sunOnLeft: boolean;
}

function addRow(scene: Scene, { row, nearness, horizon, sunOnLeft }: Row): void {
  const { width, height } = scene;
  const random = scene.random.fork(`row ${row}`);
  const unit = Math.min(width * 1.3, height);
  const foot = horizon + (height - horizon) * (0.08 + 1.12 * nearness ** 1.25);
  const half = unit * (0.2 + 0.75 * nearness);
  const count = Math.ceil(width / (half * 1.3)) + 1;
  const places = Array.from(
    { length: count },
    (_, at) => ((at + random.between(0.1, 0.9)) / count) * (width + half) - half / 2,
  );
  // From the middle outwards would show seams; in a shuffled order neighbours overlap both ways.
  places.sort((a, b) => Math.sin(a * 12.9) - Math.sin(b * 12.9));
  for (const x of places) {
    const tall = unit * (0.05 + 0.24 * nearness) * random.between(0.6, 1.15);
    addDune(scene, random, { x, foot, half: half * random.between(0.8, 1.25), tall, nearness, sunOnLeft });
  }
}

interface Dune {
  readonly x: number;
  readonly foot: number;
  readonly half: number;
  readonly tall: number;
  readonly nearness: number;
  readonly sunOnLeft: boolean;
}

function addDune(scene: Scene, random: Random, dune: Dune): void {
  const { sheet, palette, detail } = scene;
  const { x, foot, half, tall, nearness, sunOnLeft } = dune;
  const lean = sunOnLeft ? 1 : -1;
  const top = foot - tall;
  const bottom = foot + tall * 0.6;
  const sand = mix(
    mix(palette.accents[1], palette.far, 0.5 - 0.3 * nearness),
    palette.middle,
    0.1 + 0.2 * nearness,
  );
  const lit = mix(sand, palette.isNight ? palette.glow : palette.sun, 0.4 - 0.22 * nearness);
  const dark = mix(mix(sand, palette.middle, 0.45), palette.near, 0.18 + 0.42 * nearness);
  const p = (dx: number, y: number): string => `${short(x + dx * lean)} ${short(y)}`;
  const windward = `M${p(-half * 1.5, bottom)}C${p(-half * 0.7, foot - tall * 0.04)} ${p(-half * 0.38, top + tall * 0.2)} ${p(0, top)}`;
  const bend = random.between(0.15, 0.4);
  // The crest comes down to us in an S; light and shade meet in it.
  const crest = `C${p(half * bend * 0.6, top + tall * 0.3)} ${p(-half * bend, foot - tall * 0.25)} ${p(half * bend * 0.4, bottom)}`;
  const lee = `L${p(half * 1.5, bottom)}C${p(half * 0.85, foot + tall * 0.02)} ${p(half * 0.3, top + tall * 0.4)} ${p(0, top)}Z`;
  const bright = sheet.linear(x - lean * half, top, x + lean * half * 0.4, bottom, [
    { at: 0, colour: mix(lit, sand, 0.5) },
    { at: 0.55, colour: lit },
    { at: 1, colour: mix(sand, palette.middle, 0.25) },
  ]);
  const shade = sheet.linear(0, top, 0, bottom, [
    { at: 0, colour: dark },
    { at: 1, colour: mix(dark, sand, 0.55) },
  ]);
  sheet.add(path(`${windward}${crest}Z`, fill(bright)));
  sheet.add(path(`M${p(0, top)}${crest}${lee}`, fill(shade)));
  if (nearness > 0.4)
    addWindLines(scene, dune, mix(sand, palette.near, 0.4), Math.round(7 * detail * nearness));
}

/** What the wind has drawn on the bright side. */
function addWindLines(
  { sheet }: Scene,
  { x, foot, half, tall, sunOnLeft }: Dune,
  colour: Colour,
  count: number,
): void {
  const lean = sunOnLeft ? 1 : -1;
  const lines: string[] = [];
  for (let at = 1; at <= count; at++) {
    const part = at / (count + 1);
    const y = foot - tall * 0.72 + tall * 1.2 * part;
    const from = -half * (0.28 + 0.72 * part);
    const to = -half * 0.1 * part + half * 0.03;
    lines.push(
      `M${short(x + from * lean)} ${short(y + tall * 0.1)}Q${short(x + ((from + to) / 2) * lean)} ${short(y - tall * 0.05)} ${short(x + to * lean)} ${short(y + tall * 0.04)}`,
    );
  }
  sheet.add(path(lines.join(""), stroke(colour, Math.max(0.35, tall * 0.006), 0.2)));
}
