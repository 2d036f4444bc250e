import { type Colour, mix } from "../paint/colour";
import { circle, fill, path, rectangle } from "../paint/shapes";
import { building, windows } from "./building";
import { horizonAt, type Scene } from "./scene";
import { addSky } from "./sky";
import { addWater } from "./water";

/** A skyline in three rows by the river, its lights in the water. */
export async function drawCity(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette } = scene;
  const place = random.fork("place");
  const quay = horizonAt(scene, place.between(0.7, 0.76));
  const unit = Math.min(height, width * 1.25);
  const sun = {
    x: width * place.between(0.24, 0.76),
    y: quay - unit * place.between(0.34, 0.52),
    radius: Math.min(width, height) * place.between(0.06, 0.1),
  };
  await addSky(scene, { horizon: quay, sun, clouds: place.between(0.2, 0.5) });
  const stone = mix(mix(palette.near, palette.middle, 0.28), palette.sky[0], 0.35);
  const rows: readonly Row[] = [
    {
      foot: quay,
      tall: 0.42 * unit,
      wide: 0.05 * unit,
      colour: mix(palette.far, palette.sky[2], 0.35),
      lit: 0.06,
    },
    { foot: quay, tall: 0.36 * unit, wide: 0.066 * unit, colour: mix(stone, palette.far, 0.45), lit: 0.2 },
    { foot: quay, tall: 0.25 * unit, wide: 0.085 * unit, colour: stone, lit: 0.42 },
  ];
  for (const [at, row] of rows.entries()) addRow(scene, row, at);
  addQuay(scene, quay, unit);
  await addWater(scene, {
    area: { x: 0, y: quay, width, height: height - quay },
    roughness: 0.34,
    lightX: sun.x,
  });
  const edge = Math.max(0.7, unit * 0.004);
  sheet.add(rectangle({ x: 0, y: quay - edge, width, height: edge * 2 }, fill(palette.near)));
}

interface Row {
  readonly foot: number;
  readonly tall: number;
  readonly wide: number;
  readonly colour: Colour;
  /** Share of the windows that are lit, at night. */
  readonly lit: number;
}

function addRow(scene: Scene, row: Row, at: number): void {
  const { sheet, width, palette, detail } = scene;
  const random = scene.random.fork(`row ${at}`);
  const outlines: string[] = [];
  const lights: string[][] = [[], [], []];
  const beacons: string[] = [];
  const cell = Math.max(1.6, row.wide * (detail > 1 ? 0.115 : 0.15));
  const share = palette.isNight ? row.lit : row.lit * 0.45;
  for (let x = -row.wide * random.next(); x < width; ) {
    const wide = row.wide * random.between(0.6, 1.45);
    // Taller towards the middle of the city.
    const centre = Math.exp(-(((x / width - 0.5) / 0.36) ** 2));
    const tall = row.tall * (0.3 + 0.5 * centre * random.next() + 0.3 * random.next());
    const house = building(random, x, row.foot, wide, tall);
    outlines.push(house.outline);
    lights[random.integer(0, 2)]?.push(windows(random, house.body, cell, share));
    if (house.hasBeacon && tall > row.tall * 0.5)
      beacons.push(beacon(scene, x + wide / 2, row.foot - tall - wide * 0.98, wide));
    x += wide * random.between(0.86, 1.12);
  }
  const shade = sheet.linear(0, row.foot - row.tall, 0, row.foot, [
    { at: 0, colour: row.colour },
    { at: 1, colour: mix(row.colour, palette.sky[3], at === 2 ? 0.05 : 0.42) },
  ]);
  sheet.add(path(outlines.join(""), fill(shade)));
  const colours = [palette.accents[0], palette.accents[1], palette.sun];
  for (const [tint, colour] of colours.entries()) {
    sheet.add(path(lights[tint]?.join("") ?? "", fill(mix(colour, "#fff1c9", 0.35), 0.5 + 0.2 * at)));
  }
  sheet.add(beacons.join(""));
}

function beacon({ palette }: Scene, x: number, y: number, wide: number): string {
  const colour = palette.isNight ? "#ff5a5a" : palette.sun;
  return circle(x, y, wide * 0.09, fill(colour, 0.25)) + circle(x, y, wide * 0.03, fill(colour));
}

/** Street lamps along the water; their trails make the river sparkle. */
function addQuay({ sheet, width, random, palette }: Scene, quay: number, unit: number): void {
  const place = random.fork("lamps");
  const step = unit * 0.055;
  const colours = [palette.accents[0], palette.accents[1], palette.sun] as const;
  const halos = new Map(colours.map((colour) => [colour, sheet.halo(colour, palette.isNight ? 0.85 : 0.3)]));
  for (let x = step * place.next(); x < width; x += step * place.between(0.7, 1.3)) {
    const y = quay - unit * 0.012;
    const colour = place.pick(...colours);
    sheet.add(
      circle(x, y, unit * 0.026, fill(halos.get(colour) ?? colour)) +
        circle(x, y, unit * 0.004, fill(palette.sun, 0.95)),
    );
  }
}
