import { type Colour, channels, mix } from "../paint/colour";
import type { Random } from "../paint/random";
import { circle, fill, path, rectangle } from "../paint/shapes";
import { short } from "../paint/sheet";
import type { Scene } from "./scene";

/** A field of square tiles with circles, arcs and triangles, as printed in the 1920s. */
export async function drawTiles(scene: Scene): Promise<void> {
  const { sheet, width, height, random, palette, detail } = scene;
  const place = random.fork("tiles");
  const paper = mix(palette.sky[3], "#fbf6ea", 0.6);
  sheet.add(rectangle({ x: 0, y: 0, width, height }, fill(paper)));
  const across = Math.min(width, height) < 64 ? 2 : place.integer(4, 5) + detail - 1;
  const cell = Math.min(width, height) / across;
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const left = (width - columns * cell) / 2;
  const top = (height - rows * cell) / 2;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      addTile(scene, place, left + column * cell, top + row * cell, cell);
  }
}

function addTile({ sheet, palette }: Scene, random: Random, x: number, y: number, cell: number): void {
  const inks = [...palette.accents, palette.near, palette.middle] as const;
  const paper = mix(palette.sky[3], "#fbf6ea", 0.6);
  const ground = random.chance(0.45) ? paper : random.pick(...inks, palette.far);
  const ink = (): Colour => {
    const picked = random.pick(...inks);
    return isFar(picked, ground) ? picked : isFar(palette.near, ground) ? palette.near : paper;
  };
  const first = ink();
  const second = ink();
  const turn = `transform="rotate(${random.integer(0, 3) * 90} ${short(x + cell / 2)} ${short(y + cell / 2)})"`;
  // Half a pixel over the edge, so that no seam shows between neighbours.
  sheet.add(rectangle({ x: x - 0.3, y: y - 0.3, width: cell + 0.6, height: cell + 0.6 }, fill(ground)));
  const quarter = (radius: number): string =>
    `M${short(x)} ${short(y)}h${short(radius)}A${short(radius)} ${short(radius)} 0 0 1 ${short(x)} ${short(y + radius)}Z`;
  const centre = { x: x + cell / 2, y: y + cell / 2 };
  const draw: readonly [() => string, ...(() => string)[]] = [
    () => path(quarter(cell), fill(first)) + path(quarter(cell * 0.5), fill(second)),
    () =>
      path(quarter(cell), fill(first)) +
      path(quarter(cell * 0.66), fill(ground)) +
      path(quarter(cell * 0.33), fill(second)),
    () =>
      circle(centre.x, centre.y, cell * 0.5, fill(first)) +
      circle(centre.x, centre.y, cell * 0.22, fill(second)),
    () => path(`M${short(x)} ${short(y)}h${short(cell)}L${short(x)} ${short(y + cell)}Z`, fill(first)),
    () =>
      path(
        `M${short(x)} ${short(y + cell / 2)}a${short(cell / 2)} ${short(cell / 2)} 0 0 1 ${short(cell)} 0Z`,
        fill(first),
      ) +
      path(
        `M${short(x)} ${short(y + cell)}a${short(cell / 2)} ${short(cell / 2)} 0 0 1 ${short(cell)} 0Z`,
        fill(second),
      ),
    () =>
      [0, 1, 2, 3]
        .map((bar) => rectangle({ x, y: y + (cell * bar) / 4, width: cell, height: cell / 8 }, fill(first)))
        .join(""),
  ];
  sheet.add(`<g ${turn}>${random.pick(...draw)()}</g>`);
}

/** Can the eye tell them apart at once? */
function isFar(one: Colour, other: Colour): boolean {
  const otherChannels = channels(other);
  const difference = channels(one).reduce(
    (sum, value, at) => sum + Math.abs(value - (otherChannels[at] ?? 0)),
    0,
  );
  return difference > 150;
}
