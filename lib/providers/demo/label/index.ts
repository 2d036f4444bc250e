import { circle, fill, rectangle } from "../paint/shapes";
import { type Sheet, short } from "../paint/sheet";
import { WORD_WIDTH, word } from "./letters";
import { DOTS_HIGH, DOTS_WIDE, dottedWord } from "./pixels";

const INK = "#0b0d14";
/** Below this the letters' curves would run into each other. */
const SMALLEST_CAPITAL = 7;

/** Marks the drawing as a demo's, so that nobody takes it for a model's work: a striped edge and the word in a corner. */
export function addLabel(sheet: Sheet): void {
  const { width, height } = sheet;
  const capital = Math.max(
    SMALLEST_CAPITAL,
    Math.min(0.021 * Math.sqrt(width * height), 0.16 * Math.min(width, height)),
  );
  const edge = Math.max(1, Math.round(Math.min(width, height) * 0.0045));
  const badge = { width: capital * (WORD_WIDTH + 3.4), height: capital * 2.3 };
  const margin = edge + Math.round(capital * 0.75);
  const isRoomy = badge.width + 2 * margin <= width && badge.height + 2 * margin <= height;
  const mark = isRoomy
    ? curvedBadge(width - margin - badge.width, height - margin - badge.height, capital, badge)
    : dottedBadge(width, height);
  sheet.add(`<g id="demo-label">${stripedEdge(sheet, edge)}${mark}</g>`);
}

function stripedEdge(sheet: Sheet, edge: number): string {
  const { width, height } = sheet;
  const stripe = Math.max(2, edge * 1.6);
  const stripes = sheet.define(
    (id) =>
      `<pattern id="${id}" patternUnits="userSpaceOnUse" width="${short(stripe * 2)}" height="${short(stripe * 2)}" patternTransform="rotate(45)">` +
      `<rect width="${short(stripe * 2)}" height="${short(stripe * 2)}" ${fill(INK)}/><rect width="${short(stripe)}" height="${short(stripe * 2)}" ${fill("#ffffff")}/></pattern>`,
  );
  const paint = `${fill(stripes)} fill-opacity="0.55"`;
  return (
    rectangle({ x: 0, y: 0, width, height: edge }, paint) +
    rectangle({ x: 0, y: height - edge, width, height: edge }, paint) +
    rectangle({ x: 0, y: edge, width: edge, height: height - 2 * edge }, paint) +
    rectangle({ x: width - edge, y: edge, width: edge, height: height - 2 * edge }, paint)
  );
}

function curvedBadge(x: number, y: number, capital: number, size: { width: number; height: number }): string {
  const { width, height } = size;
  const middle = y + height / 2;
  const round = `rx="${short(height / 2)}" `;
  return (
    rectangle(
      { x, y, width, height },
      `${round}${fill(INK, 0.74)} stroke="#ffffff" stroke-opacity="0.5" stroke-width="${short(Math.max(0.6, capital * 0.07))}"`,
    ) +
    circle(x + capital * 1.2, middle, capital * 0.34, fill("#ffb020")) +
    word(x + capital * 2.15, middle - capital / 2, capital)
  );
}

function dottedBadge(width: number, height: number): string {
  const dot = Math.max(
    1,
    Math.min(2, Math.floor((width - 1) / DOTS_WIDE), Math.floor((height - 2) / (DOTS_HIGH + 2))),
  );
  const wordWidth = DOTS_WIDE * dot;
  const pad = width >= wordWidth + 4 * dot ? dot : 0;
  const x = Math.floor((width - wordWidth) / 2);
  const y = Math.max(1, height - (DOTS_HIGH + 1) * dot - 1);
  const band = {
    x: pad > 0 ? x - 2 * pad : 0,
    y: y - dot,
    width: pad > 0 ? wordWidth + 4 * pad : width,
    height: (DOTS_HIGH + 2) * dot,
  };
  return `${rectangle(band, `${fill(INK, 0.85)} shape-rendering="crispEdges"`)}${dottedWord(x, y, dot)}`;
}
