import { channels, mix } from "../paint/colour";
import { createNoise, fractal, smoothstep } from "../paint/noise";
import { type Scene, textured } from "./scene";

/** Cloth with soft folds that catch the light. */
export async function drawSilk(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette, detail } = scene;
  const place = random.fork("silk");
  const noise = createNoise(place);
  const [first, second, third, fourth] = palette.accents;
  const tints = [mix(fourth, palette.near, 0.35), third, first, second].map((colour) => channels(colour));
  const dark = channels(mix(palette.near, fourth, 0.3));
  const scale = 1.6 / Math.min(width, height);
  const turn = place.between(0.3, 1.2);
  const folds = place.between(5.5, 8);
  const cloth = (x: number, y: number): number => {
    const warp = fractal(noise, x * 0.9, y * 0.9, 2) * 1.5;
    return Math.sin((x * Math.cos(turn) + y * Math.sin(turn)) * folds + warp * 3.1 + noise(x * 1.7 + 9, y * 1.7) * 1.2);
  };
  const area = { x: 0, y: 0, width, height };
  const surface = await textured(scene, area, { longSide: 420 * (0.6 + 0.4 * detail) }, (u, v, out, at) => {
    const x = u * width * scale;
    const y = v * height * scale;
    const here = cloth(x, y);
    const slopeX = cloth(x + 0.012, y) - here;
    const slopeY = cloth(x, y + 0.012) - here;
    const facing = 0.55 - (slopeX * 0.8 + slopeY * 0.6) * 3.4;
    const shine = smoothstep(0.72, 1.15, facing) ** 2;
    const pick = Math.min(2.999, Math.max(0, (0.5 + 0.34 * here + 0.55 * fractal(noise, x * 0.6 + 50, y * 0.6, 2)) * 3));
    const index = Math.floor(pick);
    const part = smoothstep(0, 1, pick - index);
    const shadow = 0.72 * (1 - smoothstep(-0.15, 0.62, facing));
    for (let channel = 0; channel < 3; channel++) {
      const from = tints[index]?.[channel] ?? 0;
      const to = tints[index + 1]?.[channel] ?? 0;
      const plain = from + (to - from) * part;
      const colour = plain + ((dark[channel] ?? 0) - plain) * shadow;
      out[at + channel] = colour + (255 - colour) * shine * 0.5;
    }
    out[at + 3] = 255;
  });
  sheet.add(surface);
}
