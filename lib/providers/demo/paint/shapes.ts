import type { Colour } from "./colour";
import { type Area, short } from "./sheet";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The `d` of a line through the points. */
export function line(points: readonly Point[]): string {
  return points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${short(x)} ${short(y)}`).join("");
}

/** The `d` of a line that bends softly through the middles between the points. */
export function curve(points: readonly Point[]): string {
  const [first, second] = points;
  if (!first || !second) return "";
  let path = `M${short(first.x)} ${short(first.y)}`;
  for (let at = 1; at < points.length - 1; at++) {
    const point = points[at];
    const next = points[at + 1];
    if (!point || !next) break;
    path += `Q${short(point.x)} ${short(point.y)} ${short((point.x + next.x) / 2)} ${short((point.y + next.y) / 2)}`;
  }
  const last = points[points.length - 1] ?? second;
  return `${path}L${short(last.x)} ${short(last.y)}`;
}

export function rectangle({ x, y, width, height }: Area, attributes: string): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" ${attributes}/>`;
}

export function circle(x: number, y: number, radius: number, attributes: string): string {
  return `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" ${attributes}/>`;
}

/** `fill="…"` of a colour or gradient. */
export function fill(paint: Colour, opacity = 1): string {
  return opacity === 1 ? `fill="${paint}"` : `fill="${paint}" fill-opacity="${short(opacity)}"`;
}

/** `stroke="…"` with round ends and no filling. */
export function stroke(paint: Colour, width: number, opacity = 1): string {
  return `fill="none" stroke="${paint}" stroke-width="${short(width)}" stroke-opacity="${short(opacity)}" stroke-linecap="round" stroke-linejoin="round"`;
}

export function path(d: string, attributes: string): string {
  return `<path d="${d}" ${attributes}/>`;
}
