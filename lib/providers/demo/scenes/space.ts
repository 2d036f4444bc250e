import { mix, ramp } from "../paint/colour";
import { createNoise, fractal, smoothstep } from "../paint/noise";
import { circle, fill, rectangle } from "../paint/shapes";
import { short } from "../paint/sheet";
import { addPlanet, addRing, type Planet } from "./planet";
import { type Scene, textured } from "./scene";
import { addStars } from "./sky";

const TINTS = 256;

/** Clouds of gas, many stars, and a world or two. */
export async function drawSpace(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette } = scene;
  const place = random.fork("place");
  const dark = mix(palette.near, "#02030a", 0.72);
  sheet.add(rectangle({ x: 0, y: 0, width, height }, fill(dark)));
  sheet.add(await nebula(scene));
  addStars(scene, height * 1.15, 1.5);
  addBrightStars(scene);

  const unit = Math.min(width, height);
  const side = place.pick(0.33, 0.67);
  const light = side < 0.5 ? place.between(-0.9, -0.3) : Math.PI + place.between(0.3, 0.9);
  const planet: Planet = {
    x: width * side,
    y: height * place.between(0.5, 0.6),
    radius: unit * place.between(0.2, 0.27),
    light,
    banded: place.pick(0.15, 0.9),
    name: "planet",
  };
  const tilt = place.between(-24, -10) * (side < 0.5 ? 1 : -1);
  const hasRing = planet.banded > 0.5;
  if (hasRing) addRing(scene, planet, tilt, "behind");
  await addPlanet(scene, planet);
  if (hasRing) addRing(scene, planet, tilt, "before");
  await addPlanet(scene, {
    x: width * (side < 0.5 ? place.between(0.74, 0.86) : place.between(0.14, 0.26)),
    y: height * place.between(0.18, 0.32),
    radius: unit * place.between(0.045, 0.07),
    light,
    banded: 0.1,
    name: "moon",
  });
}

async function nebula(scene: Scene): Promise<string> {
  const { width, height, palette, detail } = scene;
  const random = scene.random.fork("nebula");
  const noise = createNoise(random);
  const [first, , third, fourth, fifth] = palette.accents;
  const tints = ramp([third, fourth, fifth, first], TINTS);
  const scale = 2.1 / Math.min(width, height);
  const angle = random.between(-0.7, 0.7);
  const middle = random.between(0.35, 0.6) * height;
  const area = { x: 0, y: 0, width, height };
  return await textured(scene, area, { side: 380 * (0.5 + 0.5 * detail) }, (u, v, out, at) => {
    const x = u * width * scale;
    const y = v * height * scale;
    const warpX = fractal(noise, x + 3, y + 8, 3);
    const warpY = fractal(noise, x + 21, y - 5, 3);
    const gas = fractal(noise, x + 1.5 * warpX, y + 1.5 * warpY, 5, 0.56);
    const lane = ((v * height - middle) * Math.cos(angle) - (u - 0.5) * width * Math.sin(angle)) * scale;
    const band = Math.exp(-((lane + warpX * 0.8) ** 2) / 0.9);
    const dust = 1 - 0.75 * smoothstep(0.02, 0.34, fractal(noise, x * 1.7 - 11 + warpY, y * 1.7 + 4, 4));
    const glow = smoothstep(-0.3, 0.62, gas) * (0.16 + 0.9 * band) * dust;
    const hot = smoothstep(0.12, 0.6, gas) * band * dust;
    const tint = tints[Math.round(Math.min(1, Math.max(0, 0.5 + 0.9 * warpY)) * (TINTS - 1))];
    for (let channel = 0; channel < 3; channel++) {
      const plain = tint?.[channel] ?? 0;
      out[at + channel] = plain + (255 - plain) * hot * 0.5;
    }
    out[at + 3] = 255 * Math.min(1, glow * 0.9 + hot * 0.4);
  });
}

/** A few stars near enough to flare. */
function addBrightStars({ sheet, width, height, random, palette }: Scene): void {
  const place = random.fork("flares");
  const unit = Math.min(width, height);
  for (let star = 0; star < 7; star++) {
    const x = width * place.next();
    const y = height * place.next();
    const reach = unit * place.between(0.012, 0.04);
    const halo = sheet.radial(x, y, reach, [
      { at: 0, colour: "#ffffff", opacity: 0.85 },
      { at: 0.18, colour: palette.glow, opacity: 0.35 },
      { at: 1, colour: palette.glow, opacity: 0 },
    ]);
    const thin = reach * 0.022;
    const cross = `M${short(x - reach)} ${short(y)}L${short(x)} ${short(y - thin)}L${short(x + reach)} ${short(y)}L${short(x)} ${short(y + thin)}ZM${short(x)} ${short(y - reach)}L${short(x + thin)} ${short(y)}L${short(x)} ${short(y + reach)}L${short(x - thin)} ${short(y)}Z`;
    sheet.add(`${circle(x, y, reach, fill(halo))}<path d="${cross}" fill="#ffffff" fill-opacity="0.8"/>`);
  }
}
