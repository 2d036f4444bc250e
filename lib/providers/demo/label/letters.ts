import { short } from "../paint/sheet";

/** Drawn, not typed: no font needs to be installed. Capital letters 8 units high. */
const LETTERS: readonly { readonly width: number; readonly d: string }[] = [
  { width: 6, d: "M0 0H2A4 4 0 0 1 2 8H0Z" },
  { width: 4.8, d: "M4.8 0H0V8H4.8M0 4H4.1" },
  { width: 7, d: "M0 8V0L3.5 4.6L7 0V8" },
  { width: 7.4, d: "M3.7 0A3.7 4 0 0 1 3.7 8A3.7 4 0 0 1 3.7 0Z" },
];
const GAP = 2.9;
const HEIGHT = 8;

/** Width of the word DEMO, for capitals of height 1. */
export const WORD_WIDTH =
  (LETTERS.reduce((sum, { width }) => sum + width, 0) + GAP * (LETTERS.length - 1)) / HEIGHT;

/** The word DEMO with its left upper corner at (`x`, `y`) and capitals `height` high. */
export function word(x: number, y: number, height: number): string {
  const scale = height / HEIGHT;
  let left = 0;
  const letters = LETTERS.map(({ width, d }) => {
    const letter = `<path d="${d}" transform="translate(${short(left)} 0)"/>`;
    left += width + GAP;
    return letter;
  });
  return (
    `<g transform="translate(${short(x)} ${short(y)}) scale(${scale.toFixed(4)})" fill="none" stroke="#ffffff" ` +
    `stroke-width="1.45" stroke-linecap="round" stroke-linejoin="round">${letters.join("")}</g>`
  );
}
