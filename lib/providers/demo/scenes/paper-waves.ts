import { mix } from "../paint/colour";
import { createNoise, fractal } from "../paint/noise";
import { circle, curve, fill, type Point, path, rectangle } from "../paint/shapes";
import { short } from "../paint/sheet";
import type { Scene } from "./scene";

/** Sheets of coloured paper, cut in waves, each with a shadow on the one behind. */
export async function drawPaperWaves(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette, detail } = scene;
  const place = random.fork("paper");
  const noise = createNoise(place);
  const unit = Math.min(width, height);
  const back = sheet.linear(0, 0, width * 0.3, height, [
    { at: 0, colour: mix(palette.sky[3], palette.sun, 0.3) },
    { at: 1, colour: palette.accents[1] },
  ]);
  sheet.add(rectangle({ x: 0, y: 0, width, height }, fill(back)));
  const sun = {
    x: width * place.between(0.3, 0.7),
    y: height * place.between(0.24, 0.36),
    radius: unit * place.between(0.13, 0.19),
  };
  for (const [size, opacity] of [
    [1.9, 0.14],
    [1.45, 0.22],
    [1, 1],
  ] as const) {
    sheet.add(circle(sun.x, sun.y, sun.radius * size, fill(palette.sun, opacity)));
  }
  const [first, second, third, fourth, fifth] = palette.accents;
  const ramp = [second, first, third, fourth, fifth, palette.near];
  const layers = 6 + 2 * detail;
  for (let layer = 0; layer < layers; layer++) {
    const part = layer / (layers - 1);
    const base = height * (0.36 + 0.54 * part);
    const edge: Point[] = [];
    const steps = Math.round(Math.min(120, 14 + (width / unit) * 12));
    for (let step = -1; step <= steps + 1; step++) {
      const x = (width * step) / steps;
      const swell = fractal(noise, (x / unit) * 1.7 + layer * 5.3, layer * 2.1, 2, 0.35);
      edge.push({ x, y: base + swell * Math.min(height * 0.2, unit * 0.26) });
    }
    const shape = `${curve(edge)}V${short(height + 9)}H${short(-width)}Z`;
    const colour = rampAt(ramp, part);
    // Many faint copies, each a little higher, make a soft shadow without a filter.
    for (let shadow = 6; shadow > 0; shadow--) {
      sheet.add(
        path(shape, `${fill("#000000", 0.035)} transform="translate(0 ${short(-shadow * unit * 0.0035)})"`),
      );
    }
    const paper = sheet.linear(0, base - unit * 0.2, 0, base + unit * 0.3, [
      { at: 0, colour: mix(colour, "#ffffff", 0.14) },
      { at: 1, colour: mix(colour, palette.near, 0.12) },
    ]);
    sheet.add(path(shape, fill(paper)));
  }
}

function rampAt(ramp: readonly string[], part: number): string {
  const at = part * (ramp.length - 1);
  const index = Math.min(ramp.length - 2, Math.floor(at));
  return mix(ramp[index] ?? "#000000", ramp[index + 1] ?? "#000000", at - index);
}
