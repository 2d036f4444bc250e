import { channels } from "../paint/colour";
import { createNoise, fractal, smoothstep } from "../paint/noise";
import { circle, fill, stroke } from "../paint/shapes";
import { short } from "../paint/sheet";
import { type Scene, textured } from "./scene";

export interface Planet {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Where its light comes from: an angle, 0 = right, in radians. */
  readonly light: number;
  /** 0 rock and seas … 1 bands of gas. */
  readonly banded: number;
  readonly name: string;
}

/** A lit ball with weather on it, and air that glows at its edge. */
export async function addPlanet(scene: Scene, planet: Planet): Promise<void> {
  const { sheet, palette, detail } = scene;
  const { x, y, radius } = planet;
  const random = scene.random.fork(planet.name);
  const noise = createNoise(random);
  const [first, second, third] = random
    .pick(
      [palette.accents[0], palette.accents[3], palette.sun],
      [palette.accents[1], palette.accents[0], palette.far],
      [palette.accents[3], palette.accents[2], palette.glow],
    )
    .map(channels);
  const dark = channels(palette.near);
  const tilt = random.between(-0.5, 0.5);
  const lightX = Math.cos(planet.light) * 0.82;
  const lightY = Math.sin(planet.light) * 0.82;

  const air = sheet.radial(x, y, radius * 1.22, [
    { at: 0.78, colour: palette.glow, opacity: 0.5 },
    { at: 0.86, colour: palette.glow, opacity: 0.2 },
    { at: 1, colour: palette.glow, opacity: 0 },
  ]);
  sheet.add(circle(x, y, radius * 1.22, fill(air)));

  const area = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  const surface = await textured(scene, area, { side: 340 * (0.6 + 0.4 * detail) }, (u, v, out, at) => {
    const px = u * 2 - 1;
    const py = v * 2 - 1;
    const out2 = px * px + py * py;
    if (out2 > 1.06) return;
    const pz = Math.sqrt(Math.max(0, 1 - out2));
    const sx = px * Math.cos(tilt) - py * Math.sin(tilt);
    const sy = px * Math.sin(tilt) + py * Math.cos(tilt);
    const turn = Math.atan2(sx, pz + 0.0001);
    const swirl = fractal(noise, turn * 2.2, sy * 3.4, 4, 0.55);
    const bands = 0.5 + 0.5 * Math.sin(sy * 15 + swirl * 2.4 + noise(sy * 9, 3) * 2);
    const land = smoothstep(-0.12, 0.2, swirl + 0.3 * noise(turn * 7, sy * 7));
    const part = planet.banded * bands + (1 - planet.banded) * land;
    const cloud =
      smoothstep(0.12, 0.5, fractal(noise, turn * 2.6 + 31, sy * 6 + swirl, 3)) * (0.7 - 0.4 * planet.banded);
    const facing = px * lightX + py * lightY + pz * 0.58;
    const lit = smoothstep(-0.12, 0.95, facing) * 1.12 + 0.015;
    const rim = (1 - pz) ** 3 * smoothstep(-0.1, 0.6, facing) * 0.65;
    for (let channel = 0; channel < 3; channel++) {
      const ground = (first?.[channel] ?? 0) + ((second?.[channel] ?? 0) - (first?.[channel] ?? 0)) * part;
      const seen = ground + ((third?.[channel] ?? 0) - ground) * cloud;
      const shaded = (dark[channel] ?? 0) * 0.5 + seen * lit;
      out[at + channel] = shaded + (255 - shaded) * Math.min(1, rim);
    }
    out[at + 3] = 255;
  });
  const clip = sheet.clip(circle(x, y, radius, ""));
  sheet.add(`<g clip-path="${clip}">${surface}</g>`);
}

/** The half of a ring behind or before its planet. */
export function addRing(
  scene: Scene,
  { x, y, radius }: Planet,
  tiltDegrees: number,
  half: "behind" | "before",
): void {
  const { sheet, palette } = scene;
  const random = scene.random.fork("ring");
  const turn = `rotate(${short(tiltDegrees)} ${short(x)} ${short(y)})`;
  const rings: string[] = [];
  for (let ring = 0; ring < 16; ring++) {
    const reach = radius * (1.38 + 0.72 * (ring / 16));
    const flat = reach * 0.26;
    const colour = random.pick(palette.sun, palette.accents[1], palette.glow, palette.far);
    const opacity = random.between(0.12, 0.62) * (ring === 9 ? 0.1 : 1);
    const sweep = half === "behind" ? 1 : 0;
    const arc = `M${short(x - reach)} ${short(y)}A${short(reach)} ${short(flat)} 0 0 ${sweep} ${short(x + reach)} ${short(y)}`;
    rings.push(`<path d="${arc}" ${stroke(colour, radius * 0.048, opacity).replace(/round/g, "butt")}/>`);
  }
  sheet.add(`<g transform="${turn}">${rings.join("")}</g>`);
}
