import { mix } from "../paint/colour";
import { circle, curve, fill, line, type Point, path, stroke } from "../paint/shapes";
import { short } from "../paint/sheet";
import { below, ridgeLine } from "./ridge";
import { horizonAt, type Scene } from "./scene";
import { addSky } from "./sky";
import { addWater } from "./water";

/** Open water under a low sun, islands far away, a sail, and the beach one stands on. */
export async function drawSea(scene: Scene): Promise<void> {
  const { width, height, random, palette } = scene;
  const place = random.fork("place");
  const horizon = horizonAt(scene, place.between(0.46, 0.54));
  const unit = Math.min(width, height);
  const radius = unit * place.between(0.06, 0.085);
  const sun = {
    x: width * place.between(0.3, 0.7),
    y: palette.isNight ? horizon * 0.42 : horizon - radius * place.between(0.5, 2.2),
    radius: palette.isNight ? radius * 0.7 : radius,
  };
  await addSky(scene, { horizon, sun, clouds: place.between(0.5, 0.85) });
  addIslands(scene, horizon, unit);
  await addWater(scene, {
    area: { x: 0, y: horizon, width, height: height - horizon },
    roughness: place.between(0.55, 0.8),
    lightX: sun.x,
  });
  addSail(scene, horizon, unit, sun.x);
  addBirds(scene, horizon, unit);
  addBeach(scene, unit);
}

function addIslands(scene: Scene, horizon: number, unit: number): void {
  const { sheet, palette } = scene;
  for (const [layer, rise] of [0.1, 0.055].entries()) {
    const edge = ridgeLine(scene, scene.random.fork(`island ${layer}`), {
      base: horizon + unit * 0.035,
      rise: unit * rise,
      spacing: unit * 0.5,
      jagged: 0.55,
    });
    // Only the tops of the chain stand out of the water.
    const ground = below(edge, horizon + unit * 0.04);
    const clip = sheet.clip(`<rect x="0" y="0" width="${short(scene.width)}" height="${short(horizon)}"/>`);
    const colour = mix(palette.far, palette.middle, 0.2 + 0.5 * layer);
    const haze = sheet.linear(0, horizon - unit * rise, 0, horizon, [
      { at: 0, colour },
      { at: 1, colour: mix(colour, palette.sky[3], 0.5) },
    ]);
    sheet.add(path(ground, `${fill(haze)} clip-path="${clip}"`));
  }
}

function addSail(
  { sheet, width, height, random, palette }: Scene,
  horizon: number,
  unit: number,
  sunX: number,
): void {
  const place = random.fork("sail");
  const size = unit * place.between(0.06, 0.1);
  const away = sunX < width / 2 ? place.between(0.68, 0.86) : place.between(0.14, 0.32);
  const x = width * away;
  const y = horizon + (height - horizon) * 0.1;
  const hull: Point[] = [
    { x: x - size * 0.5, y: y - size * 0.12 },
    { x: x + size * 0.55, y: y - size * 0.14 },
    { x: x + size * 0.36, y: y + size * 0.04 },
    { x: x - size * 0.36, y: y + size * 0.04 },
  ];
  const sails =
    `M${short(x)} ${short(y - size * 1.3)}Q${short(x + size * 0.5)} ${short(y - size * 0.7)} ${short(x + size * 0.5)} ${short(y - size * 0.22)}L${short(x)} ${short(y - size * 0.18)}Z` +
    `M${short(x - size * 0.05)} ${short(y - size * 1.1)}Q${short(x - size * 0.22)} ${short(y - size * 0.5)} ${short(x - size * 0.46)} ${short(y - size * 0.22)}L${short(x - size * 0.05)} ${short(y - size * 0.2)}Z`;
  const cloth = mix(palette.cloud, palette.near, palette.isNight ? 0.35 : 0.06);
  sheet.add(
    `<g transform="matrix(1 0 0 -0.7 0 ${short(y * 1.7 + size * 0.06)})" opacity="0.28">${path(sails, fill(cloth))}${path(`${line(hull)}Z`, fill(palette.near))}</g>`,
  );
  sheet.add(path(sails, fill(cloth)));
  sheet.add(path(`${line(hull)}Z`, fill(mix(palette.near, palette.middle, 0.15))));
}

function addBirds({ sheet, width, random, palette }: Scene, horizon: number, unit: number): void {
  const place = random.fork("birds");
  const flockX = width * place.between(0.2, 0.8);
  const flockY = horizon * place.between(0.3, 0.6);
  for (let bird = place.integer(3, 6); bird > 0; bird--) {
    const span = unit * place.between(0.012, 0.026);
    const x = flockX + place.between(-1, 1) * unit * 0.16;
    const y = flockY + place.between(-1, 1) * unit * 0.07;
    const wings = `M${short(x - span)} ${short(y - span * 0.3)}Q${short(x - span * 0.45)} ${short(y - span * 0.6)} ${short(x)} ${short(y)}Q${short(x + span * 0.45)} ${short(y - span * 0.6)} ${short(x + span)} ${short(y - span * 0.25)}`;
    sheet.add(path(wings, stroke(palette.near, Math.max(0.5, span * 0.16), 0.75)));
  }
}

function addBeach(scene: Scene, unit: number): void {
  const { sheet, width, height, palette } = scene;
  const random = scene.random.fork("beach");
  const top = height - Math.min(height * 0.16, unit * 0.24);
  const sand = palette.isNight
    ? mix(palette.far, palette.near, 0.45)
    : mix(palette.sky[3], palette.accents[1], 0.35);
  const wet = mix(sand, palette.middle, 0.5);
  const layers = [
    { lift: 0.35, colour: palette.cloud, opacity: 0.22 },
    { lift: 0.22, colour: palette.cloud, opacity: 0.75 },
    { lift: 0.14, colour: wet, opacity: 1 },
    { lift: -0.1, colour: sand, opacity: 1 },
  ];
  const phase = random.between(0, 6);
  for (const [layer, { lift, colour, opacity }] of layers.entries()) {
    const edge: Point[] = [];
    const depth = height - top;
    for (let step = -1; step <= 26; step++) {
      const x = (width * step) / 25;
      const swing =
        Math.sin((x / unit) * 3.1 + phase) * 0.16 +
        Math.sin((x / unit) * 7.7 + phase * 2 + layer * 0.4) * 0.07;
      const slope = (x / width - 0.5) * 0.7;
      edge.push({ x, y: top + depth * (0.42 - lift * 0.9 + swing - slope * 0.5) });
    }
    const shape = `${curve(edge)}L${short(width + 4)} ${short(height + 4)}L-4 ${short(height + 4)}Z`;
    const ground = sheet.linear(0, top, 0, height, [
      { at: 0, colour },
      { at: 1, colour: layer < 2 ? colour : mix(colour, palette.near, 0.28) },
    ]);
    sheet.add(path(shape, fill(ground, opacity)));
  }
  for (let grain = 0; grain < 60 * scene.detail; grain++) {
    const size = unit * random.between(0.0008, 0.0022);
    sheet.add(
      circle(
        random.between(0, width),
        height - (height - top) * 0.3 * random.next(),
        size,
        fill(palette.near, 0.25),
      ),
    );
  }
}
