import sharp from "sharp";

import { sharpConverter } from "../../lib/convert/sharp";
import type { Conversion } from "../../lib/ports";
import { recordingLog } from "../core/bench";

const { signal } = new AbortController();
const WIDTH = 24;
const HEIGHT = 16;

/** Red on the left, nothing on the right. */
const half = () =>
  sharp({ create: { width: WIDTH, height: HEIGHT, channels: 4, background: "#0000" } }).composite([
    {
      input: { create: { width: WIDTH / 2, height: HEIGHT, channels: 3, background: "#f00" } },
      gravity: "west",
    },
  ]);

const NOISE = { type: "gaussian", mean: 128, sigma: 40 } as const;
const noise = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: "#000", noise: NOISE } });

const convert = (picture: Uint8Array, to: Conversion) =>
  sharpConverter(recordingLog().log).convert(picture, to, signal);

/** Red, green, blue and what covers of one pixel. */
async function pixel(picture: Uint8Array, left: number): Promise<number[]> {
  const area = { left, top: HEIGHT / 2, width: 1, height: 1 };
  return [...(await sharp(picture).ensureAlpha().extract(area).raw().toBuffer())];
}

const near = (value: number) => (value === 0 || value === 255 ? value : Number.NaN);

describe("a picture that is converted", () => {
  it.each(["png", "jpeg", "webp", "gif", "avif"] as const)("may be %s", async (from) => {
    const picture = await half().toFormat(from).toBuffer();
    for (const format of ["png", "jpeg", "webp"] as const) {
      expect(await sharp(await convert(picture, { format })).metadata()).toMatchObject({
        format,
        width: WIDTH,
        height: HEIGHT,
      });
    }
  });

  it("keeps what shows through, and is white there as a JPEG", async () => {
    const picture = await half().png().toBuffer();
    const [jpeg, webp] = [
      await convert(picture, { format: "jpeg", compression: 100 }),
      await convert(picture, { format: "webp" }),
    ];
    expect((await pixel(jpeg, WIDTH - 2)).map(near)).toEqual([255, 255, 255, 255]);
    expect((await pixel(webp, WIDTH - 2))[3]).toBe(0);
    expect((await pixel(webp, 2))[3]).toBe(255);
  });

  it.each(["jpeg", "webp"] as const)(
    "is a smaller %s the more it is compressed, down to 0",
    async (format) => {
      const picture = await noise().png().toBuffer();
      const lengths = await Promise.all(
        [0, 50, 100].map(async (compression) => (await convert(picture, { format, compression })).length),
      );
      expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
      expect(new Set(lengths).size).toBe(3);
      expect((await convert(picture, { format })).length).toBeGreaterThan(lengths[1] ?? Number.NaN);
    },
  );

  it("loses nothing as a PNG", async () => {
    const picture = await noise().webp({ lossless: true }).toBuffer();
    const png = await convert(picture, { format: "png" });
    expect(await sharp(png).raw().toBuffer()).toEqual(await sharp(picture).raw().toBuffer());
  });

  it("is the first of moving ones", async () => {
    const frame = (background: string) =>
      sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background } })
        .png()
        .toBuffer();
    const frames = [await frame("#00f"), await frame("#0f0")];
    const moving = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(moving).metadata()).pages).toBe(2);
    const still = await convert(moving, { format: "png" });
    expect(await sharp(still).metadata()).toMatchObject({ width: WIDTH, height: HEIGHT });
    expect(await pixel(still, 3)).toEqual([0, 0, 255, 255]);
  });

  it("stands as it is to be seen: what says that it is turned is not handed on", async () => {
    const turned = await half().flatten().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await sharp(await convert(turned, { format: "png" })).metadata()).toMatchObject({
      width: HEIGHT,
      height: WIDTH,
    });
  });

  it("must be whole", async () => {
    const picture = await noise().png().toBuffer();
    await expect(convert(picture.subarray(0, picture.length / 2), { format: "jpeg" })).rejects.toThrow(Error);
  });
});

describe("sharp itself", () => {
  afterEach(() => jest.dontMock("sharp"));

  /** What is found where sharp is required. */
  function found(require: () => unknown) {
    const required = jest.fn(require);
    const { log, lines } = recordingLog();
    jest.resetModules();
    jest.doMock("sharp", required);
    return { required, lines, converter: sharpConverter(log) };
  }

  it("is loaded by the first who needs it, once", () => {
    const { required, converter } = found(() => sharp);
    expect(required).not.toHaveBeenCalled();
    expect(converter.formats()).toEqual(["png", "jpeg", "webp"]);
    expect(converter.formats()).toHaveLength(3);
    expect(required).toHaveBeenCalledTimes(1);
  });

  it("may be absent: then nothing can be converted, and nobody is told", async () => {
    const { lines, converter } = found(() => {
      throw Object.assign(new Error("Cannot find module 'sharp'"), { code: "MODULE_NOT_FOUND" });
    });
    expect(converter.formats()).toEqual([]);
    await expect(converter.convert(Buffer.alloc(9), { format: "png" }, signal)).rejects.toThrow(
      "npm install sharp",
    );
    expect(lines).toEqual([]);
  });

  it("may not run here: the log says so, once", () => {
    const { lines, converter } = found(() => {
      throw new Error("no binary for this machine");
    });
    expect([converter.formats(), converter.formats()]).toEqual([[], []]);
    expect(lines).toEqual([
      {
        level: "warn",
        about: { reason: "no binary for this machine" },
        message: expect.stringContaining("npm install sharp"),
      },
    ]);
  });
});
