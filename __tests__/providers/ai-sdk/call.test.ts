import type { ImageTask } from "../../../lib/ports/task";
import { type AiSdkModel, aiSdk, type ImageModel, type ImageModelCall } from "../../../lib/providers/ai-sdk";
import { PIXEL, scriptedModel } from "./models";
import { generate, inputImage, providerFailure, runContext } from "./run-context";

/** What a model is called with for a task, and what the caller is warned of. */
async function callFor(
  task: ImageTask,
  more: Partial<ImageModel> = {},
  entry: Omit<AiSdkModel, "model"> = {},
): Promise<{ readonly call: ImageModelCall; readonly warnings: readonly object[] }> {
  const model = scriptedModel(undefined, more);
  const result = await aiSdk({ models: { m: { model, ...entry } } }).run(task, runContext());
  const [call] = model.calls;
  if (call === undefined) throw new Error("the model was not called");
  return { call, warnings: result.meta().warnings ?? [] };
}

const ignored = (param: string) => ({
  param,
  message: `'${param}' does not apply to this model and was ignored.`,
});

describe("a call", () => {
  it.each(["v2", "v3", "v4"] as const)(
    "of version %s has every member, those without a value as undefined",
    async (specificationVersion) => {
      const { call, warnings } = await callFor(generate(), { specificationVersion });
      expect(call).toStrictEqual({
        prompt: "a red cube on a table",
        n: 1,
        size: undefined,
        aspectRatio: undefined,
        seed: undefined,
        files: undefined,
        mask: undefined,
        providerOptions: {},
        headers: {},
        abortSignal: expect.any(AbortSignal),
      });
      expect(warnings).toEqual([]);
    },
  );

  it("passes prompt, n, size and seed", async () => {
    const { call } = await callFor(generate({ n: 3, size: { width: 640, height: 480 }, seed: 7 }));
    expect(call).toMatchObject({ n: 3, size: "640x480", aspectRatio: undefined, seed: 7 });
  });

  it.each([
    ["the model's own choice", undefined],
    ["auto", "auto"],
  ] as const)("has neither size nor ratio for %s", async (_name, size) => {
    const task = generate(size === undefined ? {} : { size });
    const { call } = await callFor(task, { provider: "luma.image" });
    expect(call).toMatchObject({ size: undefined, aspectRatio: undefined });
  });

  it.each([
    [1024, 1024, "1:1"],
    [1792, 1024, "16:9"],
    [1024, 1792, "9:16"],
    [1536, 1024, "3:2"],
    [1000, 1030, "1:1"],
    [1950, 900, "19.5:9"],
  ])(
    "has the nearest ratio for %dx%d where the vendor knows nothing but ratios",
    async (width, height, ratio) => {
      const { call } = await callFor(generate({ size: { width, height } }), { provider: "xai.image" });
      expect(call).toMatchObject({ size: undefined, aspectRatio: ratio });
    },
  );

  it("follows the operator's sizes rather than the vendor's", async () => {
    const size = { width: 100, height: 90 };
    const sizes = [{ kind: "ratio", values: ["big", "5:4", "0:1"] }] as const;
    const asRatio = await callFor(generate({ size }), {}, { card: { limits: { sizes } } });
    expect(asRatio.call).toMatchObject({ size: undefined, aspectRatio: "5:4" });

    const mixed = [...sizes, { kind: "list", values: ["100x90"] }] as const;
    const asSize = await callFor(generate({ size }), {}, { card: { limits: { sizes: mixed } } });
    expect(asSize.call).toMatchObject({ size: "100x90", aspectRatio: undefined });

    const any = { card: { limits: { sizes: [{ kind: "any" }] } } } as const;
    const free = await callFor(generate({ size }), { provider: "xai.image" }, any);
    expect(free.call).toMatchObject({ size: "100x90", aspectRatio: undefined });
  });

  it.each([
    ["any vendor", "studio.image", 2 ** 31],
    ["Bedrock", "amazon-bedrock", 858_993_460],
  ])("keeps the gateway's longer seeds in the range of %s, and different", async (_name, provider, range) => {
    const seed = 2 ** 40 + range - 1;
    const first = await callFor(generate({ seed }), { provider });
    const second = await callFor(generate({ seed: seed + 1 }), { provider });
    expect(first.call.seed).toBe(seed % range);
    expect(first.call.seed).toBeLessThan(range);
    expect(second.call.seed).not.toBe(first.call.seed);
  });

  it("leaves out a seed that the vendor does not read, and says so", async () => {
    const { call, warnings } = await callFor(generate({ seed: 7 }), { provider: "openai.image" });
    expect(call.seed).toBeUndefined();
    expect(warnings).toEqual([ignored("seed")]);
  });

  it("puts the seed where the operator says that the vendor reads it", async () => {
    const { call, warnings } = await callFor(generate({ seed: 7 }), {}, { fields: { seed: "random_seed" } });
    expect(call.seed).toBeUndefined();
    expect(call.providerOptions).toEqual({ studio: { random_seed: 7 } });
    expect(warnings).toEqual([]);
  });

  const everything = generate({
    quality: "high",
    style: "vivid",
    background: "opaque",
    moderation: "low",
    output: { format: "webp", compression: 50 },
    endUser: "user-1",
    negativePrompt: "blurry",
  });

  it.each(["openai.image", "azure.image"])("has the options of OpenAI's models for %s", async (provider) => {
    const { call, warnings } = await callFor(everything, { provider });
    expect(call.providerOptions).toEqual({
      openai: {
        quality: "high",
        style: "vivid",
        background: "opaque",
        moderation: "low",
        outputFormat: "webp",
        outputCompression: 50,
        user: "user-1",
      },
    });
    expect(warnings).toEqual([ignored("negative_prompt")]);
  });

  it.each([
    ["black-forest-labs.image", { blackForestLabs: { outputFormat: "webp" } }],
    ["xai.image", { xai: { quality: "high", output_format: "webp", user: "user-1" } }],
    ["togetherai.image", { togetherai: { negative_prompt: "blurry" } }],
    ["amazon-bedrock", { amazonBedrock: { negativeText: "blurry", quality: "high", style: "vivid" } }],
    ["google.vertex.image", {}],
    ["my-own_server.image", {}],
  ])("has for %s the options %j, and warns of all others", async (provider, options) => {
    const { call, warnings } = await callFor(everything, { provider });
    expect(call.providerOptions).toEqual(options);
    const served = Object.values(options).flatMap(Object.keys).length;
    expect(warnings).toHaveLength(8 - served);
  });

  it.each([
    ["my-own_server.image", undefined, "myOwnServer"],
    ["google.vertex.image", undefined, "googleVertex"],
    ["google.vertex.image", "vertex", "vertex"],
    ["black-forest-labs.image", undefined, "blackForestLabs"],
  ])("puts the caller's further fields for %s with key %p under %s", async (provider, optionsKey, key) => {
    const entry = optionsKey === undefined ? {} : { optionsKey };
    const { call } = await callFor(generate({ extra: { steps: 20 } }), { provider }, entry);
    expect(call.providerOptions).toEqual({ [key]: { steps: 20 } });
  });

  it("sends the operator's options with every call, those of the caller before them", async () => {
    const providerOptions = { studio: { steps: 10, safety: 2 }, other: { a: 1 } };
    const task = generate({ extra: { steps: 20 }, quality: "high" });
    const { call } = await callFor(task, {}, { providerOptions, fields: { quality: "grade" } });
    expect(call.providerOptions).toEqual({
      studio: { steps: 20, safety: 2, grade: "high" },
      other: { a: 1 },
    });
    expect(providerOptions).toEqual({ studio: { steps: 10, safety: 2 }, other: { a: 1 } });
  });

  it("takes a field called __proto__ for a field", async () => {
    const extra: Record<string, unknown> = Object.create(null);
    Object.defineProperty(extra, "__proto__", { value: { steps: 99 }, enumerable: true });
    const { call } = await callFor(generate({ extra }));
    expect(Object.keys(call.providerOptions["studio"] ?? {})).toEqual(["__proto__"]);
    expect(call.providerOptions["studio"]).not.toHaveProperty("steps");
  });
});

describe("an edit", () => {
  const bytes = Buffer.from(PIXEL, "base64");
  const edit: ImageTask = {
    ...generate(),
    op: "edit",
    images: [inputImage(bytes), inputImage(Buffer.from("jpeg"), "image/jpeg")],
    mask: inputImage(Buffer.from("mask")),
  };

  it.each(["v3", "v4"] as const)("goes to a model of version %s with files and mask", async (version) => {
    const more = { specificationVersion: version, supportsFileInputs: true };
    const { call } = await callFor(edit, more);
    expect(call.files).toEqual([
      { type: "file", mediaType: "image/png", data: bytes },
      { type: "file", mediaType: "image/jpeg", data: Buffer.from("jpeg") },
    ]);
    expect(call.mask).toEqual({ type: "file", mediaType: "image/png", data: Buffer.from("mask") });
  });

  it("can be made again, as a retry does", async () => {
    const [first, second] = [await callFor(edit, EDITS), await callFor(edit, EDITS)];
    expect(second.call.files).toEqual(first.call.files);
  });

  it("of a variation has no prompt", async () => {
    const { prompt: _none, ...fields } = generate();
    const task: ImageTask = { ...fields, op: "variation", images: [inputImage(bytes)] };
    const { call } = await callFor(task, {}, { card: { ops: ["variation"] } });
    expect(call).toMatchObject({ prompt: undefined, mask: undefined, files: [{ data: bytes }] });
  });

  it.each<[string, Partial<ImageModel>]>([
    ["of version 2", { specificationVersion: "v2" }],
    ["that takes no files", { supportsFileInputs: false }],
    ["that does not know", {}],
  ])("does not reach a model %s", async (_name, more) => {
    const model = scriptedModel(undefined, more);
    const run = aiSdk({ models: { m: model } }).run(edit, runContext());
    const { fault, info } = await providerFailure(run);
    expect([fault, info.started]).toEqual(["invalid_request", "no"]);
    expect(model.calls).toEqual([]);
  });

  it("with a mask does not reach a model that takes none", async () => {
    const model = scriptedModel(undefined, { ...EDITS, supportsMaskInputs: Promise.resolve(false) });
    const { fault, info } = await providerFailure(aiSdk({ models: { m: model } }).run(edit, runContext()));
    expect([fault, info.started, info.param]).toEqual(["unsupported_param", "no", "mask"]);
    expect(model.calls).toEqual([]);
  });

  it("of more bytes than memory is given for is refused while they are read", async () => {
    let read = 0;
    const endless = {
      name: "endless",
      type: "image/png",
      async *open() {
        for (;;) {
          read += 2 ** 20;
          yield Buffer.alloc(2 ** 20);
        }
      },
    };
    const model = scriptedModel(undefined, EDITS);
    const run = aiSdk({ models: { m: model } }).run({ ...edit, images: [endless] }, runContext());
    const { fault, info } = await providerFailure(run);
    expect([fault, info.started, info.param]).toEqual(["invalid_request", "no", "image"]);
    expect(read).toBeLessThanOrEqual(102 * 2 ** 20);
  });

  it("whose picture cannot be read has begun nothing", async () => {
    const broken = {
      name: "broken",
      type: "image/png",
      async *open(): AsyncGenerator<Uint8Array> {
        yield bytes;
        throw new Error("the file is gone");
      },
    };
    const model = scriptedModel(undefined, EDITS);
    const run = aiSdk({ models: { m: model } }).run({ ...edit, images: [broken] }, runContext());
    const { fault, info } = await providerFailure(run);
    expect([fault, info.started]).toEqual(["internal", "no"]);
  });
});

const EDITS = { supportsFileInputs: true };
