/** DEMO in a font of 3 by 5 dots, for pictures too small for curves. */
const ROWS = ["110 111 101 111", "101 100 111 101", "101 110 111 101", "101 100 101 101", "110 111 101 111"];

export const DOTS_WIDE = 15;
export const DOTS_HIGH = 5;

/** The word with its left upper corner at (`x`, `y`), each dot a square of `dot` pixels. */
export function dottedWord(x: number, y: number, dot: number): string {
  let d = "";
  for (const [row, dots] of ROWS.entries()) {
    for (const [column, on] of [...dots].entries()) {
      if (on === "1") d += `M${x + column * dot} ${y + row * dot}h${dot}v${dot}h${-dot}z`;
    }
  }
  return `<path d="${d}" fill="#ffffff" shape-rendering="crispEdges"/>`;
}
