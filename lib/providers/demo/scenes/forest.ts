import { mix } from "../paint/colour";
import { circle, fill, line, type Point, path, rectangle } from "../paint/shapes";
import { short } from "../paint/sheet";
import { below, ridgeLine } from "./ridge";
import type { Scene } from "./scene";
import { addSky } from "./sky";
import { pine } from "./trees";

/** Rows of pines that fade into the mist, with light falling through them. */
export async function drawForest(scene: Scene): Promise<void> {
  const { width, height, random } = scene;
  const place = random.fork("place");
  const sun = {
    x: width * place.between(0.36, 0.64),
    y: height * place.between(0.26, 0.36),
    radius: Math.min(width, height) * 0.05,
  };
  await addSky(scene, { horizon: height * 0.92, sun, clouds: 0.2 });
  const rows = 5 + scene.detail;
  for (let row = 0; row < rows; row++) {
    addRow(scene, row / (rows - 1), row);
    if (row === rows - 2) addRays(scene, sun.x, sun.y);
  }
  addFrame(scene);
  addFireflies(scene);
}

function addRow(scene: Scene, nearness: number, row: number): void {
  const { sheet, width, height, palette } = scene;
  const random = scene.random.fork(`row ${row}`);
  const unit = Math.min(height, width * 1.6);
  const base = height * (0.6 + 0.34 * nearness ** 1.25);
  const edge = ridgeLine(scene, random, {
    base: base + unit * 0.05,
    rise: unit * (0.16 - 0.07 * nearness),
    spacing: unit * (0.5 + 0.4 * nearness),
    jagged: 0,
  });
  const colour =
    nearness < 0.5
      ? mix(mix(palette.far, palette.sky[3], 0.45), palette.middle, nearness * 1.7)
      : mix(palette.middle, palette.near, (nearness - 0.45) * 1.8);
  const size = unit * (0.13 + 0.34 * nearness ** 1.5);
  const spacing = size * (0.2 - 0.02 * nearness) * (2 / (1 + scene.detail) + 0.2);
  const trees: string[] = [];
  for (let x = -size * 0.1; x < width + size * 0.1; x += spacing * random.between(0.5, 1.9)) {
    // A clearing in the middle lets the eye and the light through.
    const middle = 1 - Math.exp(-(((x / width - 0.5) / 0.22) ** 2)) * 0.62 * nearness;
    const foot =
      edge[Math.min(edge.length - 1, Math.max(0, Math.round((x / width) * (edge.length - 3)) + 1))]?.y ??
      base;
    trees.push(pine(random, x, foot + size * 0.06, size * random.between(0.5, 1.1) * middle));
  }
  const shade = sheet.linear(0, base - size, 0, base + unit * 0.06, [
    { at: 0, colour },
    { at: 1, colour: mix(colour, palette.sky[3], 0.55 * (1 - nearness)) },
  ]);
  sheet.add(path(trees.join("") + below(edge, height + 2), fill(shade)));
  const depth = unit * 0.24;
  const mist = sheet.linear(0, base - depth * 0.5, 0, base + depth * 0.5, [
    { at: 0, colour: palette.sky[3], opacity: 0 },
    { at: 0.6, colour: palette.sky[3], opacity: 0.42 * (1 - nearness) },
    { at: 1, colour: palette.sky[3], opacity: 0.12 * (1 - nearness) },
  ]);
  sheet.add(rectangle({ x: 0, y: base - depth * 0.5, width, height: depth }, fill(mist)));
}

function addRays({ sheet, width, height, random, palette }: Scene, sunX: number, sunY: number): void {
  const rays = random.fork("rays");
  const reach = Math.min(Math.hypot(width, height) * 0.75, Math.min(width, height) * 1.5);
  const light = sheet.radial(sunX, sunY, reach, [
    { at: 0, colour: palette.glow, opacity: 0 },
    { at: 0.14, colour: palette.glow, opacity: palette.isNight ? 0.035 : 0.09 },
    { at: 0.55, colour: palette.glow, opacity: palette.isNight ? 0.02 : 0.05 },
    { at: 1, colour: palette.glow, opacity: 0 },
  ]);
  const shape = (angle: number, half: number): readonly Point[] => [
    {
      x: sunX + Math.cos(angle - half * 0.4) * reach * 0.1,
      y: sunY + Math.sin(angle - half * 0.4) * reach * 0.1,
    },
    { x: sunX + Math.cos(angle - half) * reach, y: sunY + Math.sin(angle - half) * reach },
    { x: sunX + Math.cos(angle + half) * reach, y: sunY + Math.sin(angle + half) * reach },
    {
      x: sunX + Math.cos(angle + half * 0.4) * reach * 0.1,
      y: sunY + Math.sin(angle + half * 0.4) * reach * 0.1,
    },
  ];
  for (let ray = 0; ray < 8; ray++) {
    const angle = Math.PI * (0.12 + 0.76 * ((ray + rays.next()) / 8));
    const half = rays.between(0.02, 0.07);
    // Narrowing copies add up to a beam with soft sides.
    for (const part of [1, 0.75, 0.5, 0.25])
      sheet.add(path(`${line(shape(angle, half * part))}Z`, fill(light)));
  }
}

/** Tall pines close by, cut off by the frame. */
function addFrame({ sheet, width, height, random, palette }: Scene): void {
  const place = random.fork("frame");
  const tall = Math.min(height * 0.98, width * 1.5);
  const spots = [-0.03, 0.07, 0.95, 1.04];
  const trees = spots.map((spot, at) => {
    const size = tall * (at % 3 === 0 ? place.between(0.85, 1) : place.between(0.5, 0.66));
    return pine(place, width * (spot + place.between(-0.02, 0.02)), height * 1.03, size);
  });
  sheet.add(path(trees.join(""), fill(palette.near)));
}

function addFireflies({ sheet, width, height, random, palette, detail }: Scene): void {
  const place = random.fork("fireflies");
  const unit = Math.min(width, height);
  const halo = sheet.halo(palette.sun, 0.5);
  const dots: string[] = [];
  for (let dot = 0; dot < 26 * detail; dot++) {
    const x = width * place.next();
    const y = height * place.between(0.5, 0.96);
    const size = unit * place.between(0.0012, 0.0034);
    dots.push(circle(x, y, size * 4.5, fill(halo)), circle(x, y, size, fill(palette.sun, 0.85)));
  }
  sheet.add(`<g opacity="${short(palette.isNight ? 1 : 0.7)}">${dots.join("")}</g>`);
}
