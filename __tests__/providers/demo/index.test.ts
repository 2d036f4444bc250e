import sharp from "sharp";

import { ProviderError } from "../../../lib/ports";
import { demo } from "../../../lib/providers/demo";
import { bytesOf, chunksOf, imagesOf, recording, taskOf } from "./recorded-run";

const provider = demo({ stepMs: 0 });

const draw = async (fields: Parameters<typeof taskOf>[0] = {}): Promise<Buffer> =>
  bytesOf((await imagesOf(provider, taskOf(fields)))[0]);

const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("the demo's pictures", () => {
  it.each([
    ["png", 64, 64],
    ["jpeg", 17, 31],
    ["webp", 17, 31],
    ["png", 16, 16],
    ["png", 700, 90],
    ["jpeg", 90, 700],
    ["webp", 256, 256],
  ])("are %s of exactly %i by %i pixels", async (format, width, height) => {
    const bytes = await draw({ size: { width, height }, output: { format } });
    const head = await sharp(bytes).metadata();
    expect({ format: head.format, width: head.width, height: head.height }).toEqual({
      format,
      width,
      height,
    });
  });

  it.each(["mountain", "desert", "city", "sea", "forest", "planet", "cat", "silk", "paper", "geometric", ""])(
    "show more than one colour for '%s' at odd shapes",
    async (prompt) => {
      for (const size of [
        { width: 19, height: 33 },
        { width: 300, height: 40 },
      ]) {
        const bytes = await draw({ prompt, size });
        const { width, height } = await sharp(bytes).metadata();
        const { entropy } = await sharp(bytes).stats();
        expect({ width, height }).toEqual(size);
        expect(entropy).toBeGreaterThan(2);
      }
    },
  );

  it("are 1024 by 1024 where the size is left to the model", async () => {
    const [image] = await imagesOf(
      provider,
      taskOf({ size: "auto", prompt: "paper", output: { format: "jpeg" } }),
    );
    const { width, height } = await sharp(await bytesOf(image)).metadata();
    expect([width, height, image?.width, image?.height]).toEqual([1024, 1024, 1024, 1024]);
  });

  it("are the same bytes for the same prompt, seed, size and format", async () => {
    expect(await draw()).toEqual(await draw());
  });

  it.each([
    ["seed", { seed: 8 }],
    ["prompt", { prompt: "a mountain lake at night" }],
    ["style", { style: "natural" }],
    ["quality", { quality: "hd" }],
  ])("change with the %s", async (_name, fields) => {
    expect((await draw()).equals(await draw(fields))).toBe(false);
  });

  it("get a seed of their own where none is asked for, and name it", async () => {
    const { seed: _, ...unseeded } = taskOf();
    const [first] = await imagesOf(provider, unseeded);
    const [second] = await imagesOf(provider, unseeded);
    expect(first?.seed).not.toBe(second?.seed);
    expect(await bytesOf(first)).toEqual(await draw({ seed: first?.seed ?? -1 }));
  });

  it("differ within one call, and the second is what the next seed gives", async () => {
    const images = await imagesOf(provider, taskOf({ n: 3 }));
    const [first, second, third] = await Promise.all(images.map(bytesOf));
    expect(images.map(({ seed }) => seed)).toEqual([7, 8, 9]);
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false);
    expect(second?.equals(third ?? Buffer.alloc(0))).toBe(false);
    expect(second).toEqual(await draw({ seed: 8 }));
  });

  it("come in chunks that do not overlap", async () => {
    const [image] = await imagesOf(provider, taskOf({ size: { width: 512, height: 512 } }));
    if (!image) throw new Error("expected an image");
    const chunks = await chunksOf(image);
    expect(chunks.length).toBeGreaterThan(1);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    const { width } = await sharp(Buffer.concat(chunks)).metadata();
    expect(width).toBe(512);
  });

  it("weigh less at a lower compression quality", async () => {
    const size = { width: 256, height: 256 };
    const fine = await draw({ size, output: { format: "jpeg", compression: 95 } });
    const coarse = await draw({ size, output: { format: "jpeg", compression: 0 } });
    expect(coarse.length).toBeLessThan(fine.length / 2);
  });

  it("hold nothing of a prompt made of markup", async () => {
    const { width } = await sharp(await draw({ prompt: '</svg><script>&"]]>\u0000<cat>' })).metadata();
    expect(width).toBe(96);
  });
});

describe("the demo's progress", () => {
  it("names every step once, in order, between loading and decoding", async () => {
    const { ctx, progress } = recording();
    await imagesOf(provider, taskOf(), ctx);
    expect(progress.map(({ phase, step, fraction }) => [phase, step, fraction])).toEqual([
      ["loading", undefined, 0],
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => ["sampling", step, step / 8]),
      ["decoding", 8, 1],
    ]);
    expect(progress.every(({ steps }) => steps === 8)).toBe(true);
  });

  it("rises over all images of a call, which go forward side by side", async () => {
    const { ctx, progress } = recording();
    await imagesOf(provider, taskOf({ n: 2, extra: { steps: 3 } }), ctx);
    const sampling = progress.filter(({ phase }) => phase === "sampling");
    expect(sampling.map(({ step, image }) => [step, image])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [3, 0],
      [3, 1],
    ]);
    const fractions = progress.map(({ fraction }) => fraction ?? -1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it("ends before the images are read", async () => {
    const { ctx, progress } = recording();
    const images = await imagesOf(provider, taskOf(), ctx);
    const told = progress.length;
    await Promise.all(images.map(bytesOf));
    expect(progress).toHaveLength(told);
  });

  it("of calls at the same time does not mix, nor do their pictures", async () => {
    const alone = await Promise.all([1, 2, 3, 4].map((seed) => draw({ seed })));
    const runs = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => {
        const { ctx, progress } = recording({ wantsPreviews: () => seed % 2 === 0 });
        const [image] = await imagesOf(provider, taskOf({ seed, extra: { steps: seed } }), ctx);
        return { progress, bytes: await bytesOf(image) };
      }),
    );
    expect(runs.map(({ bytes }) => bytes)).toEqual(alone);
    for (const [at, { progress }] of runs.entries()) {
      expect(progress.filter(({ phase }) => phase === "sampling")).toHaveLength(at + 1);
      expect(progress.some(({ preview }) => preview !== undefined)).toBe((at + 1) % 2 === 0);
    }
  });
});

describe("the demo's previews", () => {
  it("are small JPEGs that come nearer to the finished picture", async () => {
    const { ctx, progress } = recording({ wantsPreviews: () => true });
    const size = { width: 800, height: 400 };
    const [image] = await imagesOf(provider, taskOf({ size }), ctx);
    const final = await sharp(await bytesOf(image))
      .resize(384, 192)
      .raw()
      .toBuffer();
    const distances: number[] = [];
    for (const { preview } of progress) {
      if (!preview) continue;
      const { format, width, height } = await sharp(preview.bytes).metadata();
      expect({ format, width, height, index: preview.index }).toEqual({
        format: "jpeg",
        width: 384,
        height: 192,
        index: 0,
      });
      expect(preview.bytes.length).toBeLessThanOrEqual(60_000);
      distances.push(meanDifference(await sharp(preview.bytes).raw().toBuffer(), final));
    }
    expect(distances).toHaveLength(8);
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
    expect(distances.at(-1)).toBeLessThan((distances[0] ?? 0) / 5);
  });

  it("are of the image they name", async () => {
    const { ctx, progress } = recording({ wantsPreviews: () => true });
    await imagesOf(provider, taskOf({ n: 2, extra: { steps: 1 } }), ctx);
    const previews = progress.flatMap(({ image, preview }) => (preview ? [{ image, preview }] : []));
    expect(previews.map(({ image, preview }) => [image, preview.index])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const [first, second] = previews;
    expect(Buffer.from(first?.preview.bytes ?? []).equals(second?.preview.bytes ?? Buffer.alloc(0))).toBe(
      false,
    );
  });

  it("are not made while nobody looks", async () => {
    let isWanted = false;
    const { ctx, progress } = recording({
      wantsPreviews: () => isWanted,
      onProgress: ({ step }) => {
        isWanted = step === 3 || step === 4;
      },
    });
    await imagesOf(provider, taskOf(), ctx);
    expect(progress.flatMap(({ step, preview }) => (preview ? [step] : []))).toEqual([4, 5]);
  });
});

describe("cancelling", () => {
  const patient = demo({ stepMs: 60_000 });

  it("rejects at once in the middle of a step, and no more is told", async () => {
    const controller = new AbortController();
    const { ctx, progress } = recording({
      signal: controller.signal,
      onProgress: () => setImmediate(() => controller.abort()),
    });
    const error = await caught(patient.run(taskOf(), ctx));
    expect(ProviderError.is(error) && [error.fault, error.info.started]).toEqual(["cancelled", "yes"]);
    expect(progress.map(({ phase }) => phase)).toEqual(["loading"]);
  });

  it("rejects while previews are drawn", async () => {
    const controller = new AbortController();
    const { ctx, progress } = recording({
      signal: controller.signal,
      wantsPreviews: () => true,
      onProgress: ({ step }) => {
        if (step === 2) controller.abort();
      },
    });
    const error = await caught(provider.run(taskOf({ n: 1 }), ctx));
    expect(ProviderError.is(error) && error.fault).toBe("cancelled");
    expect(progress.at(-1)?.step).toBe(2);
  });

  it("before the first step means that nothing was begun", async () => {
    const { ctx, progress } = recording({ signal: AbortSignal.abort() });
    const error = await caught(patient.run(taskOf(), ctx));
    expect(ProviderError.is(error) && [error.fault, error.info.started]).toEqual(["cancelled", "no"]);
    expect(progress).toEqual([]);
  });

  it("ends the reading of images too", async () => {
    const controller = new AbortController();
    const [image] = await imagesOf(provider, taskOf(), recording({ signal: controller.signal }).ctx);
    controller.abort();
    const error = await caught(bytesOf(image));
    expect(ProviderError.is(error) && error.fault).toBe("cancelled");
  });
});

describe("the demo refuses", () => {
  it.each([
    ["a side below 16", taskOf({ size: { width: 15, height: 64 } }), "size"],
    ["a side above 2048", taskOf({ size: { width: 64, height: 2049 } }), "size"],
    ["a format it cannot make", taskOf({ output: { format: "gif" } }), "output_format"],
    ["no steps", taskOf({ extra: { steps: 0 } }), "steps"],
    ["steps that are no number", taskOf({ extra: { steps: "8" } }), "steps"],
    ["to edit nothing", { ...taskOf(), op: "edit" as const, images: [] }, "image"],
  ])("%s, before it starts", async (_name, task, param) => {
    const { ctx, progress } = recording();
    const error = await caught(provider.run(task, ctx));
    expect(ProviderError.is(error) && [error.fault, error.info.started, error.info.param]).toEqual([
      "invalid_request",
      "no",
      param,
    ]);
    expect(progress).toEqual([]);
  });
});

it("is up without asking anybody", async () => {
  expect(await provider.health?.(recording().ctx)).toEqual({ status: "up" });
});

function meanDifference(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length);
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}
