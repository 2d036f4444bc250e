import { channels, mix } from "../paint/colour";
import { createNoise, fractal, smoothstep } from "../paint/noise";
import { circle, fill, rectangle } from "../paint/shapes";
import { type Scene, textured } from "./scene";

export interface Sky {
  /** Where it ends, in pixels from the top. */
  readonly horizon: number;
  readonly sun: { readonly x: number; readonly y: number; readonly radius: number };
  /** 0 … 1 of the sky under clouds. */
  readonly clouds: number;
}

/** Gradient, stars at night, sun or moon with its light, clouds lit from it. */
export async function addSky(scene: Scene, sky: Sky): Promise<void> {
  const { sheet, width, height, palette } = scene;
  const [zenith, high, low, horizon] = palette.sky;
  const gradient = sheet.linear(0, 0, 0, sky.horizon, [
    { at: 0, colour: zenith },
    { at: 0.42, colour: high },
    { at: 0.78, colour: low },
    { at: 1, colour: horizon },
  ]);
  sheet.add(rectangle({ x: 0, y: 0, width, height }, fill(gradient)));
  if (palette.isNight) addStars(scene, sky.horizon, 1);
  addLight(scene, sky);
  if (sky.clouds > 0) sheet.add(await clouds(scene, sky));
}

/** Stars of many sizes; some with a halo. */
export function addStars(scene: Scene, bottom: number, density: number): void {
  const random = scene.random.fork("stars");
  const { width } = scene;
  const unit = Math.max(0.35, Math.sqrt(width * bottom) / 900);
  const count = Math.min(
    1400,
    Math.round(260 * density * scene.detail * Math.max(0.1, (width * bottom) / 600_000) ** 0.6),
  );
  const stars: string[] = [];
  for (let star = 0; star < count; star++) {
    const x = random.between(0, width);
    const y = bottom * random.next() ** 1.25;
    const bright = random.next() ** 4;
    const radius = unit * (0.45 + 1.5 * bright);
    const colour = random.pick("#ffffff", "#dfe8ff", "#fff3da", "#cfe0ff");
    const fade = Math.min(1, 1.35 * (1 - y / bottom));
    stars.push(circle(x, y, radius, fill(colour, (0.3 + 0.7 * bright) * fade)));
    if (bright > 0.75) stars.push(circle(x, y, radius * 3.2, fill(colour, 0.13 * fade)));
  }
  scene.sheet.add(`<g>${stars.join("")}</g>`);
}

function addLight({ sheet, width, height, palette }: Scene, { sun }: Sky): void {
  const reach = Math.max(sun.radius * 9, Math.min(width, height) * 0.55);
  const glow = sheet.radial(sun.x, sun.y, reach, [
    { at: 0, colour: palette.sun, opacity: palette.isNight ? 0.5 : 0.95 },
    { at: 0.12, colour: palette.glow, opacity: palette.isNight ? 0.32 : 0.62 },
    { at: 0.42, colour: palette.glow, opacity: palette.isNight ? 0.1 : 0.24 },
    { at: 1, colour: palette.glow, opacity: 0 },
  ]);
  sheet.add(circle(sun.x, sun.y, reach, fill(glow)));
  const disc = sheet.radial(sun.x, sun.y, sun.radius, [
    { at: 0, colour: palette.sun },
    { at: 0.93, colour: palette.isNight ? mix(palette.sun, palette.glow, 0.35) : palette.sun },
    { at: 1, colour: palette.isNight ? mix(palette.sun, palette.glow, 0.5) : palette.sun },
  ]);
  sheet.add(circle(sun.x, sun.y, sun.radius, fill(disc)));
  if (!palette.isNight) return;
  const craters = [
    [-0.35, -0.25, 0.26],
    [0.3, 0.1, 0.19],
    [-0.1, 0.42, 0.15],
    [0.28, -0.45, 0.1],
  ] as const;
  for (const [x, y, size] of craters) {
    sheet.add(
      circle(sun.x + x * sun.radius, sun.y + y * sun.radius, size * sun.radius, fill(palette.shade, 0.13)),
    );
  }
}

async function clouds(scene: Scene, { horizon, sun, clouds: cover }: Sky): Promise<string> {
  const { width, palette, detail } = scene;
  const noise = createNoise(scene.random.fork("clouds"));
  const lit = channels(palette.cloud);
  const shaded = channels(palette.shade);
  const area = { x: 0, y: 0, width, height: horizon };
  const scale = 5.5 / Math.min(Math.max(width, horizon), 2.2 * Math.min(width, horizon));
  const from = 0.3 - 0.62 * cover;
  return await textured(
    scene,
    area,
    { side: 300 * (0.5 + 0.5 * detail), opacity: palette.isNight ? 0.6 : 0.92 },
    (u, v, out, at) => {
      // Clouds lie flat and small near the horizon, like a ceiling that runs away.
      const depth = 0.35 + 0.65 * v;
      const x = (u - 0.5) * width * scale * (0.55 + 0.6 * depth);
      const y = v * horizon * scale * (0.9 + 2.4 * depth);
      const warp = noise(x * 0.7 + 40, y * 0.7) * 0.7;
      const density = fractal(noise, x + warp, y + warp * 0.6, 5, 0.54);
      const alpha = smoothstep(from, from + 0.5, density) * smoothstep(0, 0.12, 1 - v);
      if (alpha === 0) return;
      const towards = Math.min(1, Math.max(-1, (sun.x / width - u) * 5)) * 0.12;
      const thinner = density - fractal(noise, x + warp + towards, y + warp * 0.6 + 0.22, 3, 0.5);
      const near = Math.max(
        0,
        1 - Math.hypot(u * width - sun.x, v * horizon - sun.y) / (0.8 * Math.max(width, horizon)),
      );
      const light = Math.min(1, Math.max(0, 0.42 + thinner * 1.15 + near * 0.35));
      for (let channel = 0; channel < 3; channel++) {
        out[at + channel] = (shaded[channel] ?? 0) + ((lit[channel] ?? 0) - (shaded[channel] ?? 0)) * light;
      }
      out[at + 3] = 235 * alpha;
    },
  );
}
