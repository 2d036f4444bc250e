import { type Colour, mix } from "../paint/colour";
import type { Random } from "../paint/random";
import { fill, line, type Point, path, rectangle } from "../paint/shapes";
import { below, ridgeLine } from "./ridge";
import { horizonAt, type Scene } from "./scene";
import { addSky } from "./sky";
import { pine } from "./trees";
import { addWater } from "./water";

/** Mountains, one behind the other in the haze, a lake that mirrors them, pines in front. */
export async function drawLandscape(scene: Scene): Promise<void> {
  const { width, height, random } = scene;
  const place = random.fork("place");
  const shore = horizonAt(scene, place.between(0.6, 0.68));
  const rise = Math.min(height * 0.42, width * 0.5);
  const side = place.pick(0.28, 0.7);
  const sun = {
    x: width * (side + place.between(-0.06, 0.06)),
    y: shore - rise * place.between(0.72, 1.05),
    radius: Math.min(width, height) * place.between(0.035, 0.055),
  };
  await addSky(scene, { horizon: shore, sun, clouds: place.between(0.35, 0.75) });
  addChains(scene, shore, rise, sun.x);
  await addWater(scene, {
    area: { x: 0, y: shore, width, height: height - shore },
    roughness: place.between(0.05, 0.16),
    lightX: sun.x,
  });
  addShoreLine(scene, shore);
  addForeground(scene, side < 0.5);
}

function addChains(scene: Scene, shore: number, rise: number, sunX: number): void {
  const { sheet, width, palette, detail } = scene;
  const count = 4 + detail;
  for (let chain = 0; chain < count; chain++) {
    const nearness = chain / (count - 1);
    const random = scene.random.fork(`chain ${chain}`);
    const isRock = nearness < 0.62;
    const shape = {
      base: shore,
      rise: rise * (1 - 0.72 * nearness),
      spacing: Math.min(width, rise * 2.2) * (0.62 - 0.26 * nearness),
      jagged: isRock ? 0.92 - 0.2 * nearness : 0.25,
    };
    const edge = ridgeLine(scene, random, shape);
    const colour =
      nearness < 0.5
        ? mix(palette.far, palette.middle, nearness * 2)
        : mix(palette.middle, palette.near, (nearness - 0.5) * 1.5);
    const top = shore - shape.rise;
    const body = sheet.linear(0, top, 0, shore, [
      { at: 0, colour },
      { at: 0.55, colour: mix(colour, palette.far, 0.25) },
      { at: 1, colour: mix(colour, palette.sky[3], 0.62 * (1 - 0.55 * nearness)) },
    ]);
    const ground = below(edge, shore + 1);
    sheet.add(path(ground, fill(body)));
    if (isRock) addFacets(scene, random.fork("facets"), edge, shape.rise, colour, sunX);
    if (!isRock) addTreeLine(scene, random.fork("trees"), edge, rise * 0.05, mix(colour, palette.near, 0.2));
    addMist(scene, shore, shape.rise * 0.5, 0.5 * (1 - nearness));
  }
}

/** The sides that face the light are brighter; snow lies where the palette has it. */
function addFacets(
  scene: Scene,
  random: Random,
  edge: readonly Point[],
  rise: number,
  colour: Colour,
  sunX: number,
): void {
  const { sheet, palette } = scene;
  const highest = Math.min(...edge.map(({ y }) => y));
  const bright = palette.hasSnow ? mix(palette.cloud, colour, 0.12) : mix(palette.glow, colour, 0.35);
  const light = sheet.linear(0, highest, 0, highest + rise * 0.75, [
    { at: 0, colour: bright, opacity: palette.hasSnow ? 0.92 : 0.7 },
    { at: 0.45, colour: bright, opacity: 0.35 },
    { at: 1, colour: bright, opacity: 0 },
  ]);
  const shadow = sheet.linear(0, highest, 0, highest + rise * 0.8, [
    { at: 0, colour: palette.near, opacity: 0.3 },
    { at: 1, colour: palette.near, opacity: 0 },
  ]);
  const lit: string[] = [];
  const dark: string[] = [];
  const reach = 5;
  for (let at = reach; at < edge.length - reach; at++) {
    const peak = edge[at];
    if (!peak || !isPeak(edge, at, reach)) continue;
    const fromLeft = sunX < peak.x ? -1 : 1;
    lit.push(face(random, edge, at, fromLeft, rise));
    dark.push(face(random, edge, at, -fromLeft, rise));
  }
  sheet.add(path(dark.join(""), fill(shadow)));
  sheet.add(path(lit.join(""), fill(light)));
}

function isPeak(edge: readonly Point[], at: number, reach: number): boolean {
  const y = edge[at]?.y ?? 0;
  for (let off = 1; off <= reach; off++) {
    if ((edge[at - off]?.y ?? 0) < y || (edge[at + off]?.y ?? 0) <= y) return false;
  }
  return true;
}

/** One flank: along the edge down from the peak, back up along a crooked spur. */
function face(
  random: Random,
  edge: readonly Point[],
  peakAt: number,
  direction: number,
  rise: number,
): string {
  const peak = edge[peakAt];
  if (!peak) return "";
  const points: Point[] = [peak];
  for (let at = peakAt + direction, last = peak.y; ; at += direction) {
    const point = edge[at];
    if (!point || point.y < last - rise * 0.02) break;
    points.push(point);
    last = Math.max(last, point.y);
  }
  const foot = points[points.length - 1] ?? peak;
  const drop = Math.max(foot.y - peak.y, rise * 0.12);
  const bends = 7;
  for (let bend = bends; bend > 0; bend--) {
    const part = bend / bends;
    points.push({
      x: peak.x + (foot.x - peak.x) * 0.28 * part + random.between(-1, 1) * drop * 0.13,
      y: peak.y + drop * 1.25 * part * random.between(0.9, 1.1),
    });
  }
  return `${line(points)}Z`;
}

function addTreeLine(
  scene: Scene,
  random: Random,
  edge: readonly Point[],
  size: number,
  colour: Colour,
): void {
  const trees: string[] = [];
  const step = Math.max(2, Math.floor(edge.length / (90 * scene.detail)));
  for (let at = 0; at < edge.length; at += random.integer(1, step)) {
    const foot = edge[at];
    if (foot) trees.push(pine(random, foot.x, foot.y + size * 0.2, size * random.between(0.5, 1.15)));
  }
  scene.sheet.add(path(trees.join(""), fill(colour)));
}

function addMist({ sheet, width, palette }: Scene, bottom: number, depth: number, opacity: number): void {
  if (opacity <= 0) return;
  const mist = sheet.linear(0, bottom - depth, 0, bottom, [
    { at: 0, colour: palette.sky[3], opacity: 0 },
    { at: 1, colour: palette.sky[3], opacity },
  ]);
  sheet.add(rectangle({ x: 0, y: bottom - depth, width, height: depth }, fill(mist)));
}

function addShoreLine({ sheet, width, height, palette }: Scene, shore: number): void {
  const thick = Math.max(0.5, height * 0.0025);
  const haze = sheet.linear(0, shore - thick * 4, 0, shore + thick * 4, [
    { at: 0, colour: palette.sky[3], opacity: 0 },
    { at: 0.5, colour: palette.sky[3], opacity: 0.34 },
    { at: 1, colour: palette.sky[3], opacity: 0 },
  ]);
  sheet.add(rectangle({ x: 0, y: shore - thick * 4, width, height: thick * 8 }, fill(haze)));
}

/** A dark bank with tall pines on the side away from the light. */
function addForeground(scene: Scene, isRight: boolean): void {
  const { sheet, width, height, palette } = scene;
  const random = scene.random.fork("foreground");
  const bank: Point[] = [];
  const steps = 60;
  const roughness = ridgeLine(scene, random, {
    base: 0,
    rise: height * 0.02,
    spacing: height * 0.1,
    jagged: 0.6,
  });
  for (let step = 0; step <= steps; step++) {
    const part = step / steps;
    const rough = roughness[Math.floor(part * (roughness.length - 1))]?.y ?? 0;
    const slope = isRight ? part : 1 - part;
    bank.push({ x: width * part, y: height * (0.985 - 0.12 * slope ** 1.8) + rough });
  }
  sheet.add(path(below(bank, height + 2), fill(palette.near)));
  const tallest = Math.min(height * 0.5, width * 0.42);
  const count = Math.round(9 * Math.max(1, width / height) ** 0.7) + 3 * scene.detail;
  const trees: string[] = [];
  for (let tree = 0; tree < count; tree++) {
    const fromSide = random.next() ** 1.7 * Math.min(0.5, (0.46 * height) / width + 0.12);
    const x = width * (isRight ? 1 - fromSide : fromSide);
    const foot = bank[Math.min(steps, Math.max(0, Math.round((x / width) * steps)))]?.y ?? height;
    const tall = tallest * random.between(0.32, 1) * (1 - fromSide * 0.9);
    trees.push(pine(random, x, foot + height * 0.012, tall));
  }
  sheet.add(path(trees.join(""), fill(palette.near)));
}
