import { addLabel } from "./label";
import { addGrain } from "./paint/grain";
import { Random } from "./paint/random";
import type { Raster } from "./paint/raster";
import { Sheet } from "./paint/sheet";
import { PALETTES, tonedPalette } from "./palette";
import { SCENES } from "./scenes";
import { subjectOf } from "./subject";

/** All that one picture depends on: equal orders give equal pictures. */
export interface PictureOrder {
  readonly prompt: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly style?: string;
  readonly quality?: string;
}

const FINE_QUALITIES: ReadonlySet<string> = new Set(["hd", "high"]);

/** Draws the picture, labelled as a demo's. */
export async function drawPicture(order: PictureOrder, raster: Raster): Promise<Sheet> {
  const sheet = await drawScene(order, raster);
  addLabel(sheet);
  return sheet;
}

/** A sheet with nothing on it but the label. */
export function drawLabel({ width, height }: Pick<PictureOrder, "width" | "height">): Sheet {
  const sheet = new Sheet(width, height);
  addLabel(sheet);
  return sheet;
}

/** What a picture shows, without its label: to be laid over another that gets one. */
export async function drawScene(order: PictureOrder, raster: Raster): Promise<Sheet> {
  const { prompt, seed, width, height, style, quality } = order;
  const subject = subjectOf(prompt, style, seed);
  const sheet = new Sheet(width, height);
  await SCENES[subject.scene]({
    sheet,
    width,
    height,
    palette: tonedPalette(PALETTES[subject.palette], subject.tone),
    random: new Random(`${prompt}#${seed}`),
    raster,
    detail: quality !== undefined && FINE_QUALITIES.has(quality) ? 2 : 1,
  });
  await addGrain(sheet, raster);
  return sheet;
}
