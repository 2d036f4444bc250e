import type { Random } from "../paint/random";
import { type Area, short } from "../paint/sheet";

export interface Building {
  /** The `d` of its outline. */
  readonly outline: string;
  /** The part of it that has windows. */
  readonly body: Area;
  readonly hasBeacon: boolean;
}

const box = (x: number, y: number, width: number, height: number): string =>
  `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`;

/** A house of the skyline that stands on `foot`. */
export function building(random: Random, x: number, foot: number, width: number, height: number): Building {
  const top = foot - height;
  const body = { x, y: top, width, height };
  const kind = random.next();
  const middle = x + width / 2;
  if (kind < 0.2) {
    const steps = [0.72, 0.44].map((part, at) =>
      box(middle - (width * part) / 2, top - width * 0.22 * (at + 1), width * part, width * 0.24),
    );
    const mast = box(middle - width * 0.02, top - width * 0.95, width * 0.04, width * 0.55);
    return { outline: box(x, top, width, height) + steps.join("") + mast, body, hasBeacon: true };
  }
  if (kind < 0.34) {
    const slant = width * random.between(0.3, 0.7) * random.pick(1, -1);
    const left = top - Math.max(0, slant);
    const right = top - Math.max(0, -slant);
    const outline = `M${short(x)} ${short(foot)}V${short(left)}L${short(x + width)} ${short(right)}V${short(foot)}z`;
    return { outline, body, hasBeacon: false };
  }
  if (kind < 0.44) {
    const spire = `M${short(x)} ${short(foot)}V${short(top)}L${short(middle)} ${short(top - width * 0.8)}L${short(x + width)} ${short(top)}V${short(foot)}z`;
    const mast = box(middle - width * 0.015, top - width * 1.3, width * 0.03, width * 0.6);
    return { outline: spire + mast, body, hasBeacon: true };
  }
  const roof = random.chance(0.6)
    ? box(
        x + width * random.between(0.1, 0.5),
        top - width * 0.1,
        width * random.between(0.2, 0.38),
        width * 0.12,
      )
    : "";
  return { outline: box(x, top, width, height) + roof, body, hasBeacon: false };
}

/** The `d` of the lit windows, `share` (0 … 1) of all. */
export function windows(random: Random, { x, y, width, height }: Area, cell: number, share: number): string {
  const columns = Math.max(1, Math.floor((width * 0.86) / cell));
  const rows = Math.max(1, Math.floor((height - cell) / (cell * 1.35)));
  const left = x + (width - columns * cell) / 2;
  const lit: string[] = [];
  for (let row = 0; row < rows; row++) {
    // Whole floors are lit or dark more often than chance would have it.
    const floor = random.chance(0.14) ? 0.9 : share * random.between(0.5, 1.3);
    for (let column = 0; column < columns; column++) {
      if (!random.chance(floor)) continue;
      lit.push(box(left + (column + 0.2) * cell, y + cell * (0.9 + row * 1.35), cell * 0.6, cell * 0.72));
    }
  }
  return lit.join("");
}
