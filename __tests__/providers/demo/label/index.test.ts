import sharp from "sharp";

import { addLabel } from "../../../../lib/providers/demo/label";
import { Sheet } from "../../../../lib/providers/demo/paint/sheet";

const GROUND = { white: "#f4f6f8", black: "#05070a", middle: "#7a8ba0" };

async function labelled(width: number, height: number, ground: string): Promise<Uint8Array> {
  const sheet = new Sheet(width, height);
  sheet.add(`<rect width="${width}" height="${height}" fill="${ground}"/>`);
  addLabel(sheet);
  return await sharp(Buffer.from(sheet.document(width, height)))
    .removeAlpha()
    .greyscale()
    .raw()
    .toBuffer();
}

const SIZES = [
  [16, 16],
  [17, 31],
  [64, 64],
  [16, 2048],
  [2048, 16],
  [256, 2048],
  [1024, 1024],
] as const;

describe.each(SIZES)("the label at %i by %i", (width, height) => {
  it.each(Object.entries(GROUND))("stands out from a %s picture", async (_name, ground) => {
    const pixels = await labelled(width, height, ground);
    const letters = pixels.filter((value) => value > 235).length;
    const badge = pixels.filter((value) => value < 90).length;
    expect(letters).toBeGreaterThan(25);
    expect(badge).toBeGreaterThan(25);
  });

  it("covers a third of the picture at most where there is room", async () => {
    const pixels = await labelled(width, height, GROUND.middle);
    const covered = pixels.filter(
      (value) => Math.abs(value - (pixels[Math.floor(width / 2) + width * Math.floor(height / 3)] ?? 0)) > 8,
    );
    if (Math.min(width, height) >= 64) expect(covered.length / pixels.length).toBeLessThan(1 / 3);
    expect(covered.length).toBeGreaterThan(0);
  });
});

it("marks all four edges with stripes of light and dark", async () => {
  const size = 200;
  const pixels = await labelled(size, size, GROUND.middle);
  const lines = {
    top: (at: number) => at,
    bottom: (at: number) => at + size * (size - 1),
    left: (at: number) => at * size,
    right: (at: number) => at * size + size - 1,
  };
  for (const index of Object.values(lines)) {
    const edge = Array.from({ length: size }, (_, at) => pixels[index(at)] ?? 0);
    expect(Math.max(...edge) - Math.min(...edge)).toBeGreaterThan(80);
  }
});
