import type { Drawing } from "./drawing";
import type { SharpLibrary } from "./library";
import { Random } from "./paint/random";

/** The longer side of a preview, in pixels. */
const LONG_SIDE = 384;
/** How far a point is smeared at first, in pixels. */
const MOST_BLUR = 15;
/** Pixels of the finished picture to one of the noise: coarse, like the latents of a diffusion model. */
const NOISE_CELL = 7;

/** A picture on its way: the finished one, small, under as much blur and noise as is left to remove. */
export interface Sketch {
  /** A small JPEG. `clarity` is 0 for noise alone … 1 for the finished picture. */
  at(clarity: number): Promise<Uint8Array>;
}

export async function openSketch(sharp: SharpLibrary, drawing: Drawing): Promise<Sketch> {
  const scale = Math.min(1, LONG_SIDE / Math.max(drawing.width, drawing.height));
  const width = Math.max(1, Math.round(drawing.width * scale));
  const height = Math.max(1, Math.round(drawing.height * scale));
  const raw = { width, height, channels: 3 } as const;
  const clear = await (await drawing.rendered(width, height)).raw().toBuffer();
  const noise = await coarseNoise(sharp, width, height);
  return {
    async at(clarity) {
      const left = 1 - clarity;
      const blur = MOST_BLUR * left ** 1.6;
      const scene = blur < 0.3 ? clear : await sharp(clear, { raw }).blur(blur).raw().toBuffer();
      const mixed = mixedWith(scene, noise, left ** 1.5);
      return await sharp(mixed, { raw }).jpeg({ quality: 72 }).toBuffer();
    },
  };
}

async function coarseNoise(sharp: SharpLibrary, width: number, height: number): Promise<Uint8Array> {
  const columns = Math.ceil(width / NOISE_CELL);
  const rows = Math.ceil(height / NOISE_CELL);
  const random = new Random("preview noise");
  const cells = Uint8Array.from(
    { length: columns * rows * 3 },
    () => 128 + 135 * (random.next() + random.next() - 1),
  );
  return await sharp(cells, { raw: { width: columns, height: rows, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
}

function mixedWith(scene: Uint8Array, noise: Uint8Array, part: number): Uint8Array {
  const mixed = new Uint8Array(scene.length);
  for (let at = 0; at < scene.length; at++) {
    const value = scene[at] ?? 0;
    mixed[at] = value + ((noise[at] ?? 0) - value) * part;
  }
  return mixed;
}
