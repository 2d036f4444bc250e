import { inPieces } from "../../internal/in-pieces";
import type { Slots } from "../../internal/slots";
import type { ImageOut } from "../../ports";
import { asProviderError, orCancelled } from "./cancelled";
import { type Drawing, sheetDrawing } from "./drawing";
import { editedDrawing } from "./edited";
import { encode } from "./encode";
import type { SharpLibrary } from "./library";
import type { Order } from "./order";
import { createRaster } from "./paint/raster";
import { drawLabel, drawPicture, drawScene, type PictureOrder } from "./picture";
import { openSketch, type Sketch } from "./sketch";

/** What all images of a call are drawn with. */
export interface WorkTools {
  readonly sharp: SharpLibrary;
  readonly slots: Slots;
  readonly signal: AbortSignal;
}

/** One image of a call: drawn when somebody first looks, encoded when it is read. */
export class Work {
  readonly #sharp: SharpLibrary;
  readonly #slots: Slots;
  readonly #order: PictureOrder;
  readonly #signal: AbortSignal;
  readonly #base: Order["base"];
  #drawing: Promise<Drawing> | undefined;
  #sketch: Promise<Sketch> | undefined;

  constructor(tools: WorkTools, order: PictureOrder, base: Order["base"]) {
    this.#sharp = tools.sharp;
    this.#slots = tools.slots;
    this.#signal = tools.signal;
    this.#order = order;
    this.#base = base;
  }

  /** A small JPEG of how far it has come: 0 … 1. */
  async preview(clarity: number): Promise<Uint8Array> {
    this.#sketch ??= this.#drawn().then((drawing) =>
      this.#slots.run(this.#signal, () => openSketch(this.#sharp, drawing)),
    );
    const sketch = await this.#sketch;
    return await this.#slots.run(this.#signal, () => sketch.at(clarity));
  }

  /** Nobody looks any more: what previews were made from is let go. */
  endPreviews(): void {
    this.#sketch = undefined;
  }

  image({ format, quality }: Order): ImageOut {
    const { width, height, seed } = this.#order;
    return {
      data: { as: "bytes", open: () => this.#read(() => this.#finish(format, quality)) },
      type: `image/${format}`,
      width,
      height,
      seed,
    };
  }

  #drawn(): Promise<Drawing> {
    this.#drawing ??= this.#slots.run(this.#signal, () => this.#draw());
    return this.#drawing;
  }

  async #draw(): Promise<Drawing> {
    const sharp = this.#sharp;
    const raster = createRaster(sharp);
    const base = this.#base;
    if (base === undefined) return sheetDrawing(sharp, await drawPicture(this.#order, raster));
    const scene = await drawScene(this.#order, raster);
    return editedDrawing(sharp, base.given, { scene, label: drawLabel(this.#order), blend: base.blend });
  }

  async #finish(format: Order["format"], quality: Order["quality"]): Promise<Uint8Array> {
    const drawing = await this.#drawn();
    return await this.#slots.run(this.#signal, () => encode(drawing, format, quality));
  }

  async *#read(finish: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      const bytes = await orCancelled(this.#signal, finish());
      this.#drawing = undefined;
      yield* inPieces(bytes);
    } catch (error) {
      throw asProviderError(error);
    }
  }
}
