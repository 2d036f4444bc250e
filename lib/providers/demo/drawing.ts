import type { Sharp } from "sharp";
import type { SharpLibrary } from "./library";
import type { Sheet } from "./paint/sheet";

/** A picture that can be had at any size; made on sharp's threads. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Opaque, at the size asked for. */
  rendered(width: number, height: number): Promise<Sharp>;
}

/** What is drawn on a sheet, and nothing else. */
export const sheetDrawing = (sharp: SharpLibrary, sheet: Sheet): Drawing => ({
  width: sheet.width,
  height: sheet.height,
  rendered: async (width, height) => sharp(Buffer.from(sheet.document(width, height))).removeAlpha(),
});
