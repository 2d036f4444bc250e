import type { ImageOut } from "../../ports";
import { asProviderError, orCancelled } from "./cancelled";
import { encode } from "./encode";
import type { SharpLibrary } from "./library";
import type { Order } from "./order";
import { createRaster } from "./paint/raster";
import type { Sheet } from "./paint/sheet";
import { drawPicture, type PictureOrder } from "./picture";
import { openSketch, type Sketch } from "./sketch";
import type { Slots } from "./slots";

const CHUNK_BYTES = 64 * 1024;

/** One image of a call: drawn when somebody first looks, encoded when it is read. */
export class Work {
  readonly #sharp: SharpLibrary;
  readonly #slots: Slots;
  readonly #order: PictureOrder;
  readonly #signal: AbortSignal;
  #sheet: Promise<Sheet> | undefined;
  #sketch: Promise<Sketch> | undefined;

  constructor(tools: { sharp: SharpLibrary; slots: Slots; signal: AbortSignal }, order: PictureOrder) {
    this.#sharp = tools.sharp;
    this.#slots = tools.slots;
    this.#signal = tools.signal;
    this.#order = order;
  }

  /** A small JPEG of how far it has come: 0 … 1. */
  async preview(clarity: number): Promise<Uint8Array> {
    this.#sketch ??= this.#drawn().then((sheet) =>
      this.#slots.run(this.#signal, () => openSketch(this.#sharp, sheet)),
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

  #drawn(): Promise<Sheet> {
    this.#sheet ??= this.#slots.run(this.#signal, () => drawPicture(this.#order, createRaster(this.#sharp)));
    return this.#sheet;
  }

  async #finish(format: Order["format"], quality: Order["quality"]): Promise<Uint8Array> {
    const sheet = await this.#drawn();
    return await this.#slots.run(this.#signal, () => encode(this.#sharp, sheet, format, quality));
  }

  async *#read(finish: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      const bytes = await orCancelled(this.#signal, finish());
      this.#sheet = undefined;
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    } catch (error) {
      throw asProviderError(error);
    }
  }
}
