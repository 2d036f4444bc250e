import sharp from "sharp";

import { type ImageTask, type InputImage, ProviderError } from "../../../lib/ports";
import { demo } from "../../../lib/providers/demo";
import { bytesOf, imagesOf, recording, taskOf } from "./recorded-run";

const provider = demo({ stepMs: 0 });
const WIDTH = 240;
const HEIGHT = 160;
const RED = { r: 200, g: 20, b: 20 };

const given = (bytes: Buffer, type = "image/png"): InputImage => ({
  name: "given",
  type,
  length: bytes.length,
  async *open() {
    yield bytes.subarray(0, 100);
    yield bytes.subarray(100);
  },
});

const red = (width = WIDTH, height = HEIGHT) =>
  sharp({ create: { width, height, channels: 3, background: RED } });

/** Transparent on its left half. */
const mask = async (width = WIDTH, height = HEIGHT): Promise<Buffer> => {
  const opaque = { create: { width: width / 2, height, channels: 4, background: "#000" } } as const;
  return sharp(opaque)
    .extend({ left: width / 2, background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .png()
    .toBuffer();
};

interface Fields {
  readonly prompt?: string;
  readonly seed?: number;
  readonly size?: { readonly width: number; readonly height: number };
}

function edit(images: readonly InputImage[], more: Fields & { readonly mask?: InputImage } = {}): ImageTask {
  const { size: _own, ...fields } = taskOf({ prompt: "a city at night" });
  return { ...fields, ...more, op: "edit", images };
}

function variation(image: InputImage, more: Fields = {}): ImageTask {
  const { size: _own, prompt: _none, ...fields } = taskOf();
  return { ...fields, ...more, op: "variation", images: [image] };
}

const drawn = async (task: ImageTask): Promise<Buffer> => bytesOf((await imagesOf(provider, task))[0]);

/** The mean colour of a part of a picture. */
async function colourIn(picture: Buffer, left: number, top: number, width: number, height: number) {
  const { channels } = await sharp(
    await sharp(picture).extract({ left, top, width, height }).toBuffer(),
  ).stats();
  const [r, g, b] = channels.map(({ mean }) => Math.round(mean));
  return { r, g, b };
}

describe("an edit", () => {
  it("draws the prompt where the mask is transparent, and leaves the rest as it was", async () => {
    const picture = await drawn(edit([given(await red().png().toBuffer())], { mask: given(await mask()) }));
    expect(await colourIn(picture, 140, 20, 80, 60)).toEqual(RED);
    const { r = 255 } = await colourIn(picture, 20, 20, 80, 60);
    expect(r).toBeLessThan(100);
  });

  it("shows both pictures where there is no mask", async () => {
    const image = given(await red().png().toBuffer());
    const picture = await drawn(edit([image]));
    const { r: middle = 0 } = await colourIn(picture, 100, 60, 40, 40);
    const { r: corner = 0 } = await colourIn(picture, 8, 8, 20, 20);
    expect(middle).toBeGreaterThan(20);
    expect(middle).toBeLessThan(corner);
    expect(corner).toBeLessThan(RED.r);
    expect(picture.equals(await drawn(edit([image], { prompt: "a forest" })))).toBe(false);
  });

  it("marks its picture as a demo's, also where the mask covers the corner", async () => {
    const picture = await drawn(edit([given(await red().png().toBuffer())], { mask: given(await mask()) }));
    const { channels } = await sharp(
      await sharp(picture)
        .extract({ left: WIDTH - 60, top: HEIGHT - 30, width: 60, height: 30 })
        .toBuffer(),
    ).stats();
    expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(20);
  });

  it.each([
    ["as large as the given one", 240, 160, undefined, [240, 160]],
    ["no larger than can be drawn", 3000, 1500, undefined, [2048, 1024]],
    ["no smaller than can be drawn", 8, 8, undefined, [16, 16]],
    ["as large as asked for", 240, 160, { width: 64, height: 64 }, [64, 64]],
  ])("is %s", async (_title, width, height, size, expected) => {
    const image = given(await red(width, height).png().toBuffer());
    const picture = await drawn(edit([image], { prompt: "paper", ...(size && { size }) }));
    const head = await sharp(picture).metadata();
    expect([head.width, head.height]).toEqual(expected);
  });

  it("takes JPEG as a camera holds it, WebP, GIF and AVIF", async () => {
    const turned = await red(120, 80).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const [first] = await imagesOf(provider, edit([given(turned, "image/jpeg")]));
    expect([first?.width, first?.height]).toEqual([80, 120]);
    for (const format of ["webp", "gif", "avif"] as const) {
      const picture = await drawn(edit([given(await red(32, 32).toFormat(format).toBuffer())]));
      expect((await sharp(picture).metadata()).width).toBe(32);
    }
  });

  it("previews what it becomes", async () => {
    const { ctx, progress } = recording({ wantsPreviews: () => true });
    const task = edit([given(await red().png().toBuffer())], { mask: given(await mask()) });
    await imagesOf(provider, task, ctx);
    const last = progress.findLast(({ preview }) => preview !== undefined)?.preview;
    const { r = 0 } = await colourIn(Buffer.from(last?.bytes ?? []), 140, 20, 80, 60);
    expect(Math.abs(r - RED.r)).toBeLessThan(12);
  });
});

describe("a variation", () => {
  it("is the given picture in other colours, another for each seed", async () => {
    const image = given(await red().png().toBuffer());
    const [one, other] = [await drawn(variation(image)), await drawn(variation(image, { seed: 9 }))];
    expect(one.equals(other)).toBe(false);
    const { r = 0, g = 255, b = 255 } = await colourIn(one, 20, 20, 200, 80);
    expect(r).toBeGreaterThan(g + 60);
    expect(r).toBeGreaterThan(b + 60);
  });
});

describe("what cannot be worked on is refused before it starts", () => {
  const failure = async (task: ImageTask, signal?: AbortSignal) => {
    const { ctx, progress } = recording(signal && { signal });
    const error: unknown = await provider.run(task, ctx).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(progress).toEqual([]);
    return ProviderError.is(error) && [error.fault, error.info.started, error.info.param];
  };
  const png = red(32, 32).png();

  it.each<[string, () => Promise<ImageTask>, string]>([
    ["no picture", async () => edit([]), "image"],
    ["two pictures", async () => edit([given(await png.toBuffer()), given(await png.toBuffer())]), "image"],
    ["half a picture", async () => edit([given((await png.toBuffer()).subarray(0, 40))]), "image"],
    ["a picture of 17 MiB", async () => edit([given(Buffer.alloc(17 * 2 ** 20))]), "image"],
    [
      "a mask that is none",
      async () => edit([given(await png.toBuffer())], { mask: given(Buffer.from("mask")) }),
      "mask",
    ],
  ])("%s", async (_title, task, param) => {
    expect(await failure(await task())).toEqual(["invalid_request", "no", param]);
  });

  it("a picture that breaks off", async () => {
    const broken: InputImage = {
      name: "broken",
      type: "image/png",
      // biome-ignore lint/correctness/useYield: it breaks before its first piece
      async *open() {
        throw new Error("/srv/secret is gone");
      },
    };
    expect(await failure(edit([broken]))).toEqual(["internal", "no", undefined]);
  });

  it("a task that is cancelled while its picture is read", async () => {
    const controller = new AbortController();
    const endless: InputImage = {
      name: "endless",
      type: "image/png",
      async *open() {
        yield Buffer.alloc(10);
        controller.abort();
        await new Promise(() => {});
      },
    };
    expect(await failure(edit([endless]), controller.signal)).toEqual(["cancelled", "yes", undefined]);
  });
});
