import { setImmediate as nextTurn } from "node:timers/promises";

/** A small picture made pixel by pixel, four bytes each, to be laid into the drawing at a larger size. */
export interface Texture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

/** Colours the pixel at (`u`, `v`), both 0 … 1 from the left upper corner, by writing four bytes at `at`. */
export type Shader = (u: number, v: number, pixels: Uint8ClampedArray, at: number) => void;

/** The longest stretch of work between two turns of the event loop. */
const SLICE_MS = 5;

/** Runs the shader for every pixel, giving way to others in between. */
export async function shade(width: number, height: number, shader: Shader): Promise<Texture> {
  const pixels = new Uint8ClampedArray(width * height * 4);
  let until = performance.now() + SLICE_MS;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      shader((column + 0.5) / width, (row + 0.5) / height, pixels, (row * width + column) * 4);
    }
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return { width, height, pixels };
}
