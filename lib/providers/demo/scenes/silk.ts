import { channels, mix, ramp } from "../paint/colour";
import { createNoise, fractal, smoothstep } from "../paint/noise";
import { type Scene, textured } from "./scene";

const TINTS = 512;

/** Ribbons of cloth, each laid over the next, with soft light along their folds. */
export async function drawSilk(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette, detail } = scene;
  const place = random.fork("silk");
  const noise = createNoise(place);
  const [first, second, third, fourth, fifth] = palette.accents;
  const tints = ramp([mix(fifth, palette.near, 0.45), fourth, third, first, second], TINTS);
  const dark = channels(palette.near);
  const unit = Math.min(width, height);
  const turn = place.between(0.5, 1.1) * place.pick(1, -1);
  const ribbons = place.between(3.2, 4.6);
  const side = 620 * (0.7 + 0.3 * detail);
  const area = { x: 0, y: 0, width, height };
  const surface = await textured(scene, area, { side }, (u, v, out, at) => {
    const x = (u * width) / unit;
    const y = (v * height) / unit;
    const warp = fractal(noise, x * 0.75, y * 0.75, 2, 0.35);
    const along = x * Math.sin(turn) - y * Math.cos(turn);
    const across =
      x * Math.cos(turn) + y * Math.sin(turn) + warp * 0.62 + 0.1 * Math.sin(along * 3 + warp * 4);
    const run = across * ribbons + 40;
    const ribbon = Math.floor(run);
    const part = run - ribbon;
    // The edge of a ribbon is bright, then it bends away and dives under the next one's shadow.
    const lit = smoothstep(0.1, 0.02, part) * 0.5 + 0.22 * smoothstep(0.5, 0.0, part);
    const shadow = 0.82 * smoothstep(0.25, 1, part) ** 1.6;
    const sheen = 0.16 * smoothstep(0.1, 0.5, noise(along * 1.3 + ribbon * 7.7, part * 1.2 + ribbon));
    const hue = 0.5 + 0.42 * Math.sin(ribbon * 1.7 + along * 0.55 + warp) + 0.16 * part;
    const tint = tints[Math.min(TINTS - 1, Math.max(0, Math.round(hue * (TINTS - 1))))];
    // Where one ribbon ends and the next begins the step is spread over a pixel.
    const soft = Math.min(1, part / 0.02);
    for (let channel = 0; channel < 3; channel++) {
      const plain = tint?.[channel] ?? 0;
      const deep = 0.3 * plain + 0.45 * (dark[channel] ?? 0);
      const folded = plain + (deep - plain) * (shadow * soft + 0.82 * (1 - soft));
      out[at + channel] = folded + (255 - folded) * (lit * soft + sheen) * 0.75;
    }
    out[at + 3] = 255;
  });
  sheet.add(surface);
}
