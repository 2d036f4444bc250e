import { mix } from "../paint/colour";
import { circle, fill, path, stroke } from "../paint/shapes";
import { below, ridgeLine } from "./ridge";
import type { Scene } from "./scene";
import { addSky } from "./sky";

/** Sits with its face to us; 100 units tall, its feet at the origin. */
const BODY =
  "M-27 0C-34 -8 -33 -26 -24 -41C-20 -48 -17 -52 -17 -57C-25 -62 -27 -70 -26 -77C-26 -85 -26 -93 -24 -100C-19 -98 -14 -94 -10 -89C-3.500 -91 3.500 -91 10 -89C14 -94 19 -98 24 -100C26 -93 26 -85 26 -77C27 -70 25 -62 17 -57C17 -52 20 -48 24 -41C33 -26 34 -8 27 0C21 3 12 2 9 1C4 2 -4 2 -9 1C-12 2 -21 3 -27 0Z";
const TAIL = "M24 -4C44 2 60 -6 58 -22C57 -34 46 -36 44 -28C43 -23 47 -20 50 -23";
const EARS =
  "M-22 -95C-21 -90 -21 -87 -20 -84C-17 -86 -15 -88 -13 -89C-16 -92 -19 -94 -22 -95ZM22 -95C21 -90 21 -87 20 -84C17 -86 15 -88 13 -89C16 -92 19 -94 22 -95Z";
const NOSE =
  "M-2.600 -68.500H2.600L0 -65.500ZM0 -65.500C0 -62.500 -4 -62 -5.500 -64M0 -65.500C0 -62.500 4 -62 5.500 -64";
const WHISKERS =
  "M-10 -67C-20 -70 -27 -70 -35 -68M-10 -65C-20 -65 -27 -64 -34 -60M10 -67C20 -70 27 -70 35 -68M10 -65C20 -65 27 -64 34 -60";
const LEGS = "M-6 1C-7 -10 -7.500 -18 -7 -26M6 1C7 -10 7.500 -18 7 -26";

/** A cat on a hill before a very large sun or moon. */
export async function drawCat(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette } = scene;
  const place = random.fork("place");
  const unit = Math.min(width, height);
  const ground = height - Math.min(height * 0.16, unit * 0.34);
  const x = width * place.between(0.44, 0.56);
  const sun = { x: x + unit * place.between(-0.08, 0.08), y: ground - unit * 0.42, radius: unit * 0.3 };
  await addSky(scene, { horizon: ground + unit * 0.1, sun, clouds: 0.5 });
  addHills(scene, ground, unit);
  addGrass(scene, ground, unit, "behind");

  const size = (unit * 0.54) / 100;
  const coat = palette.near;
  const rim = mix(palette.glow, palette.sun, 0.4);
  const eye = mix(palette.accents[1], palette.sun, 0.25);
  const face =
    [-11, 11].map((at) => `<ellipse cx="${at}" cy="-76" rx="6" ry="5.400" ${fill(eye)}/>`).join("") +
    [-11, 11].map((at) => `<ellipse cx="${at}" cy="-76" rx="1.700" ry="4.800" ${fill(coat)}/>`).join("") +
    [-9, 13].map((at) => circle(at, -78, 1.1, fill("#ffffff", 0.9))).join("") +
    path(
      NOSE,
      `fill="${palette.accents[2]}" stroke="${mix(coat, rim, 0.45)}" stroke-width="0.9" stroke-linecap="round"`,
    ) +
    path(WHISKERS, stroke(rim, 0.5, 0.75));
  sheet.add(
    `<g transform="translate(${x.toFixed(2)} ${ground.toFixed(2)}) scale(${size.toFixed(4)})">` +
      path(TAIL, stroke(rim, 10.6, 0.6)) +
      path(BODY, `${fill(rim, 0.6)} transform="translate(0 -0.8) scale(1.018 1.008)"`) +
      path(TAIL, stroke(coat, 9.4)) +
      path(BODY, fill(coat)) +
      path(EARS, fill(mix(coat, palette.accents[2], 0.42))) +
      path(LEGS, stroke(mix(coat, rim, 0.3), 0.9, 0.8)) +
      face +
      "</g>",
  );
  addGrass(scene, ground, unit, "before");
}

function addHills(scene: Scene, ground: number, unit: number): void {
  const { sheet, height, palette, random } = scene;
  const layers = [
    { base: ground + unit * 0.02, rise: unit * 0.2, colour: mix(palette.far, palette.sky[3], 0.25) },
    { base: ground + unit * 0.05, rise: unit * 0.14, colour: mix(palette.middle, palette.far, 0.35) },
    { base: ground + unit * 0.05, rise: unit * 0.045, colour: mix(palette.near, palette.middle, 0.22) },
  ];
  for (const [at, { base, rise, colour }] of layers.entries()) {
    const edge = ridgeLine(scene, random.fork(`hill ${at}`), {
      base,
      rise,
      spacing: unit * 0.7,
      jagged: at === 0 ? 0.4 : 0,
    });
    const shade = sheet.linear(0, base - rise, 0, height, [
      { at: 0, colour },
      { at: 1, colour: mix(colour, palette.near, at === 2 ? 0.8 : 0.2) },
    ]);
    sheet.add(path(below(edge, height + 2), fill(shade)));
  }
}

function addGrass(scene: Scene, ground: number, unit: number, where: "behind" | "before"): void {
  const { sheet, width, height, random, palette, detail } = scene;
  const place = random.fork(`grass ${where}`);
  const blades: string[] = [];
  const count = Math.round(Math.min(700, (width / unit) * 170 * detail));
  for (let blade = 0; blade < count; blade++) {
    const x = place.between(0, width);
    const y = ground + (where === "behind" ? unit * 0.02 : unit * 0.035 + (height - ground) * place.next());
    const tall = unit * place.between(0.02, 0.055);
    const lean = tall * place.between(-0.4, 0.4);
    blades.push(
      `M${x.toFixed(1)} ${y.toFixed(1)}q${(lean * 0.2).toFixed(1)} ${(-tall * 0.6).toFixed(1)} ${lean.toFixed(1)} ${(-tall).toFixed(1)}`,
    );
  }
  sheet.add(path(blades.join(""), stroke(palette.near, Math.max(0.5, unit * 0.0028), 0.8)));
}
