import type { RunResult } from "../../../lib/ports/provider";
import { aiSdk, type ImageModel } from "../../../lib/providers/ai-sdk";
import { PIXEL, scriptedModel } from "./models";
import { generate, opened, picturesOf, providerFailure, runContext } from "./run-context";

type Task = Parameters<typeof generate>[0];

const resultOf = (
  answer: unknown,
  task: Task = {},
  more: Partial<ImageModel> = {},
  maxImageBytes = 2 ** 20,
): Promise<RunResult> =>
  aiSdk({ models: { m: scriptedModel(() => answer, more) }, maxImageBytes }).run(
    generate(task),
    runContext(),
  );

const BYTES = Buffer.from(PIXEL, "base64");
const SLICE = 64 * 1024;

describe("pictures", () => {
  it("are handed on as the base64 they came as, in pieces that stand for whole bytes", async () => {
    const bytes = Buffer.alloc(100_000, "abc");
    const [picture] = await picturesOf(await resultOf({ images: [bytes.toString("base64")] }));
    expect(picture?.data.as).toBe("base64");
    const { bytes: joined, pieces } = await openedOf(picture);
    expect(joined.equals(bytes)).toBe(true);
    expect(pieces.slice(0, -1).every((length) => length === SLICE)).toBe(true);
    expect(pieces.length).toBe(3);
  });

  it("are handed on as the bytes they came as, piece by piece", async () => {
    const bytes = Buffer.alloc(100_000, "abc");
    const [picture] = await picturesOf(await resultOf({ images: [new Uint8Array(bytes)] }));
    expect(picture?.data.as).toBe("bytes");
    const { bytes: joined, pieces } = await openedOf(picture);
    expect(joined.equals(bytes)).toBe(true);
    expect(pieces).toEqual([SLICE, 100_000 - SLICE]);
  });

  it("keep their order and notes, also where one is missing", async () => {
    const images = [PIXEL, "", BYTES, 7, null, PIXEL];
    const notes = images.map((_image, index) => ({ revisedPrompt: `prompt ${index}`, seed: index }));
    const result = await resultOf({ images, providerMetadata: { studio: { images: notes } } }, { n: 4 });
    expect(await picturesOf(result)).toMatchObject([
      { data: { as: "base64" }, revisedPrompt: "prompt 0", seed: 0 },
      { data: { as: "bytes" }, revisedPrompt: "prompt 2", seed: 2 },
      { data: { as: "base64" }, revisedPrompt: "prompt 5", seed: 5 },
    ]);
    expect(result.meta().warnings).toEqual([{ param: "n", message: "the upstream made 3 of 4 images" }]);
  });

  it("beyond those asked for are not handed on", async () => {
    const result = await resultOf({ images: [PIXEL, PIXEL, PIXEL] }, { n: 2 });
    expect(await picturesOf(result)).toHaveLength(2);
    expect(result.meta().warnings).toEqual([]);
  });

  it("that the vendor's filter has struck out are left out", async () => {
    const images = [{ nsfw: true }, { nsfw: false }];
    const answer = { images: [BYTES, BYTES], providerMetadata: { fal: { images } } };
    const result = await resultOf(answer, { n: 2 });
    expect(await picturesOf(result)).toHaveLength(1);
    expect(result.meta().warnings).toEqual([{ param: "n", message: "the upstream made 1 of 2 images" }]);
  });

  it("larger than allowed are left out; of that alone the caller is told", async () => {
    const large = Buffer.alloc(1_001);
    const allowed = [Buffer.alloc(1_000), Buffer.alloc(1_000).toString("base64")];
    const answer = { images: [large, large.toString("base64"), ...allowed] };
    expect(await picturesOf(await resultOf(answer, { n: 4 }, {}, 1_000))).toHaveLength(2);

    const { fault, info, message } = await providerFailure(resultOf({ images: [large] }, {}, {}, 1_000));
    expect([fault, info.started, message]).toEqual([
      "protocol",
      "yes",
      "the upstream's picture is larger than allowed",
    ]);
  });

  it("have the seed of their call, where there is one picture and the vendor read the seed", async () => {
    const seedsOf = async (task: Task, provider = "replicate") =>
      (await picturesOf(await resultOf({ images: [PIXEL, PIXEL] }, task, { provider }))).map(
        ({ seed }) => seed,
      );
    expect(await seedsOf({ seed: 7 })).toEqual([7]);
    expect(await seedsOf({ seed: 7, n: 2 })).toEqual([undefined, undefined]);
    expect(await seedsOf({ seed: 7 }, "openai.image")).toEqual([undefined]);
  });
});

describe("a result without a picture", () => {
  const finish = (finishReason: string) => ({
    images: [],
    isRetryable: false,
    providerMetadata: { google: { finishReason, images: [] } },
  });

  it.each<[string, unknown, string | undefined]>([
    ["Gemini's filter on the picture", finish("IMAGE_SAFETY"), "output"],
    ["Gemini's filter by another reason", finish("PROHIBITED_CONTENT"), "output"],
    ["the SDK's own word for a filter", finish("content-filter"), "output"],
    [
      "Gemini's filter on the prompt",
      { images: [], providerMetadata: { google: { promptFeedback: { blockReason: "SAFETY" } } } },
      "input",
    ],
    ["fal's filter", { images: [BYTES], providerMetadata: { fal: { images: [{ nsfw: true }] } } }, "output"],
  ])("is content_policy after %s", async (_name, answer, stage) => {
    const { fault, info } = await providerFailure(resultOf(answer));
    expect(fault).toBe("content_policy");
    expect(info.moderation).toEqual({ stage });
    expect(info.started).not.toBe("no");
  });

  it.each<[string, unknown]>([
    ["no word of a filter", { images: [] }],
    ["a model that had nothing to draw", finish("NO_IMAGE")],
    ["an empty text", { images: [""] }],
    ["empty bytes", { images: [new Uint8Array()] }],
    ["objects in place of pictures", { images: [{ base64: PIXEL }] }],
    ["no list of pictures", { images: PIXEL }],
    ["no result", undefined],
    ["null", null],
    ["a list", []],
    ["metadata of another shape", { images: [], providerMetadata: [{ finishReason: "SAFETY" }] }],
  ])("is protocol with %s", async (_name, answer) => {
    const { fault, info } = await providerFailure(resultOf(answer));
    expect([fault, info.started]).toEqual(["protocol", "yes"]);
  });
});

describe("what is told besides", () => {
  it("is the upstream's id, its usage and what it really used", async () => {
    const result = await resultOf({
      images: [PIXEL],
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
      response: { timestamp: new Date(0), modelId: "x", headers: { "X-Request-Id": "up_1", other: 7 } },
      providerMetadata: { openai: { images: [{ quality: "high", background: "opaque" }] } },
    });
    expect(result.meta()).toEqual({
      upstreamId: "up_1",
      usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
      effective: { quality: "high", background: "opaque" },
      warnings: [],
    });
  });

  it.each<[unknown, object | undefined]>([
    [{ inputTokens: 0, outputTokens: 0, totalTokens: 0 }, undefined],
    [{ inputTokens: undefined, outputTokens: undefined, totalTokens: undefined }, undefined],
    [{ inputTokens: 5, outputTokens: undefined, totalTokens: Number.NaN }, { inputTokens: 5 }],
    ["many", undefined],
  ])("has of the usage %j what is a count", async (usage, expected) => {
    expect((await resultOf({ images: [PIXEL], usage })).meta().usage).toEqual(expected);
  });

  const warned = async (warnings: unknown, task: Task = {}, more: Partial<ImageModel> = {}) =>
    (await resultOf({ images: [PIXEL], warnings }, task, more)).meta().warnings;

  const SIZED: Task = { size: { width: 1, height: 1 }, seed: 1 };

  it.each<[string, unknown, object]>([
    [
      "version 2",
      { type: "unsupported-setting", setting: "size" },
      { param: "size", message: "The model does not take 'size' as it is." },
    ],
    [
      "version 4",
      { type: "unsupported", feature: "seed", details: "It draws as it likes." },
      { param: "seed", message: "The model does not take 'seed' as it is: It draws as it likes." },
    ],
    [
      "compatibility",
      { type: "compatibility", feature: "specificationVersion", details: "Some features are missing." },
      { message: "The model does not take 'specificationVersion' as it is: Some features are missing." },
    ],
    [
      "deprecation",
      { type: "deprecated", setting: "old_name", message: "Use newName." },
      { message: "The model does not take 'old_name' as it is: Use newName." },
    ],
    [
      "free words",
      { type: "other", message: "Only one picture was used." },
      { message: "Only one picture was used." },
    ],
  ])("has a warning of %s", async (_name, warning, expected) => {
    expect(await warned([warning], SIZED)).toEqual([expected]);
  });

  it("has no warning of what was not sent: Together warns of a ratio when it gets a size", async () => {
    const warning = { type: "unsupported", feature: "aspectRatio", details: "Use `size` instead." };
    expect(await warned([warning], SIZED, { provider: "togetherai.image" })).toEqual([]);
  });

  it("has no warning of what is served all the same: Black Forest Labs gets width and height", async () => {
    const warning = { type: "unsupported", feature: "size", details: "Deriving aspect_ratio from size." };
    expect(await warned([warning], SIZED, { provider: "black-forest-labs.image" })).toEqual([]);
    expect(await warned([warning], SIZED)).toHaveLength(1);
  });

  it("has warnings without keys, addresses and the prompt, and not without end", async () => {
    const message = "sk-secret-0123456789 at https://api.studio.example refused a red cube on a table";
    const many = Array.from({ length: 100 }, () => ({ type: "other", message }));
    const warnings = await warned(many);
    expect(warnings).toHaveLength(16);
    expect(warnings?.[0]?.message).toBe("[redacted] at [url] refused [redacted]");
  });

  it.each<[unknown]>([
    [undefined],
    ["no"],
    [[null, 7, {}, { type: "other" }, { type: "other", message: 7 }]],
  ])("has no warning for %j", async (warnings) => {
    expect(await warned(warnings)).toEqual([]);
  });
});

function openedOf(picture: Awaited<ReturnType<typeof picturesOf>>[number] | undefined) {
  if (picture === undefined) throw new Error("there is no picture");
  return opened(picture);
}
