import type { ModelCard } from "../../../lib/ports/model-card";
import { type AiSdkModel, aiSdk, type ImageModel } from "../../../lib/providers/ai-sdk";
import { scriptedModel } from "./models";
import { runContext } from "./run-context";

async function cardOf(entry: ImageModel | AiSdkModel, signal?: AbortSignal): Promise<ModelCard> {
  const ctx = runContext(signal === undefined ? {} : { signal });
  const [card] = await aiSdk({ models: { m: entry } }).models(ctx);
  if (card === undefined) throw new Error("there is no card");
  return card;
}

const of = (provider: string, modelId = "any", more: Partial<ImageModel> = {}) =>
  scriptedModel(undefined, { provider, modelId, maxImagesPerCall: 1, ...more });

describe("a card", () => {
  it("has the name that clients write, and no promise that the AI SDK cannot keep", async () => {
    expect(await cardOf(scriptedModel())).toMatchObject({
      id: "m",
      ops: ["generate"],
      stream: false,
      progress: "status",
      previews: false,
      resume: false,
      idempotent: false,
    });
  });

  it("says that stopping is of no use, so that what is paid for finishes into the store", async () => {
    expect((await cardOf(scriptedModel())).cancel).toEqual({ queued: "no", running: "no" });
  });

  it.each<[string, ImageModel["maxImagesPerCall"], number]>([
    ["a number", 3, 3],
    ["nothing", undefined, 1],
    ["a function", () => 5, 5],
    ["a function of the model's name", ({ modelId }) => modelId.length, "studio-1".length],
    ["a function that takes its time", async () => 2, 2],
    ["a function that has nothing to say", () => undefined, 1],
    ["a function that fails", () => Promise.reject(new Error("no")), 1],
    ["no number of pictures", 0, 1],
    ["half a picture", 1.5, 1],
    ["no number at all", Number.NaN, 1],
  ])("takes the pictures of a call from %s", async (_name, maxImagesPerCall, n) => {
    expect((await cardOf(scriptedModel(undefined, { maxImagesPerCall }))).limits?.n).toBe(n);
  });

  it("calls a function of the model's as its method", async () => {
    const model = { ...scriptedModel(), most: 6, maxImagesPerCall: mostOf };
    function mostOf(this: { readonly most: number }): number {
      return this.most;
    }
    expect((await cardOf(model)).limits?.n).toBe(6);
  });

  it("does not wait for a model that does not answer once nobody waits for the card", async () => {
    const never = new Promise<never>(() => {});
    const model = scriptedModel(undefined, { maxImagesPerCall: () => never, supportsFileInputs: never });
    const card = await cardOf(model, AbortSignal.abort());
    expect(card).toMatchObject({ limits: { n: 1 }, ops: ["generate"] });
  }, 2_000);

  it.each([
    ["replicate", "black-forest-labs/flux-2-pro", 8],
    ["google.generative-ai", "gemini-2.5-flash-image", 4],
    ["gateway", "bfl/flux-pro-1.1", Number.MAX_SAFE_INTEGER],
  ])("corrects what %s says of %s", async (provider, modelId, maxImagesPerCall) => {
    expect((await cardOf(of(provider, modelId, { maxImagesPerCall }))).limits?.n).toBe(1);
  });

  it.each<[string, Partial<ImageModel>, readonly string[]]>([
    ["says so", { supportsFileInputs: true }, ["generate", "edit"]],
    ["says so later", { supportsFileInputs: Promise.resolve(true) }, ["generate", "edit"]],
    ["does not know", { supportsFileInputs: undefined }, ["generate"]],
    ["says no", { supportsFileInputs: false }, ["generate"]],
    ["is of version 3 and says nothing", { specificationVersion: "v3" }, ["generate"]],
    [
      "is of version 2, whatever it says",
      { specificationVersion: "v2", supportsFileInputs: true },
      ["generate"],
    ],
  ])("offers edits by a model that %s: %p", async (_name, more, ops) => {
    expect((await cardOf(scriptedModel(undefined, more))).ops).toEqual(ops);
  });

  it("offers what the operator says of a model that does not know, and no more than it knows to have", async () => {
    const card = { ops: ["edit", "variation"] } as const;
    const model = scriptedModel();
    expect((await cardOf({ model, card })).ops).toEqual(["edit", "variation"]);
    const less = scriptedModel(undefined, { supportsFileInputs: false });
    expect((await cardOf({ model: less, card: { ops: ["generate", "edit"] } })).ops).toEqual(["generate"]);
  });

  it.each<[ImageModel["supportsMaskInputs"], boolean | undefined]>([
    [true, true],
    [false, false],
    [Promise.resolve(undefined), undefined],
    [undefined, undefined],
  ])("knows of masks what the model knows: %p", async (supportsMaskInputs, expected) => {
    const card = await cardOf(scriptedModel(undefined, { supportsMaskInputs }));
    expect(card.params?.mask).toBe(expected);
  });

  it.each<[string, string, readonly string[] | undefined]>([
    ["xai.image", "grok-imagine-image", ["1:1", "19.5:9"]],
    ["google.generative-ai", "gemini-2.5-flash-image", ["1:1", "21:9"]],
    ["google.vertex.image", "gemini-2.5-flash-image", ["1:1", "21:9"]],
    ["luma.image", "photon-1", ["1:1", "9:21"]],
    ["black-forest-labs.image", "flux-kontext-pro", ["1:1", "21:9"]],
    ["black-forest-labs.image", "flux-pro-1.1", undefined],
    ["fireworks.image", "accounts/fireworks/models/flux-1-dev-fp8", ["1:1", "4:5"]],
    ["fireworks.image", "accounts/fireworks/models/SSD-1B", undefined],
    ["replicate", "black-forest-labs/flux-schnell", ["1:1", "4:5"]],
    ["replicate", "stability-ai/sdxl", undefined],
    ["openai.image", "gpt-image-1", undefined],
    ["my-server.image", "sdxl", undefined],
  ])("knows the sizes of %s %s", async (provider, modelId, some) => {
    const sizes = (await cardOf(of(provider, modelId))).limits?.sizes;
    if (some === undefined) expect(sizes).toBeUndefined();
    else expect(sizes).toEqual([{ kind: "ratio", auto: true, values: expect.arrayContaining([...some]) }]);
  });

  it("knows Nova Canvas by its grid", async () => {
    const { limits } = await cardOf(of("amazon-bedrock", "amazon.nova-canvas-v1:0", { maxImagesPerCall: 5 }));
    expect(limits).toMatchObject({ n: 5, sizes: [{ kind: "grid", step: 16, min: 320, max: 4096 }] });
  });

  const NONE = {
    negativePrompt: false,
    quality: false,
    style: false,
    background: false,
    moderation: false,
    output: false,
    endUser: false,
  };

  it.each<[string, Readonly<Record<string, boolean | undefined>>]>([
    ["openai.image", { seed: false, negativePrompt: false }],
    ["azure.image", { seed: false, negativePrompt: false }],
    ["xai.image", { seed: false, negativePrompt: false, style: false, background: false, moderation: false }],
    ["replicate", { ...NONE, seed: true, negativePrompt: undefined }],
    ["luma.image", { ...NONE, seed: false }],
    ["black-forest-labs.image", { ...NONE, seed: true, output: undefined }],
    ["somebody-else.image", NONE],
    ["", NONE],
    ["constructor", NONE],
  ])("knows which parameters %p has no place for", async (provider, params) => {
    expect((await cardOf(of(provider))).params).toEqual(params);
  });

  it("lets callers set what the operator has named", async () => {
    const fields = { seed: "seed", negative_prompt: "negative", output_format: "format" };
    const { params } = await cardOf({ model: of("my-server.image"), fields });
    expect(params).toEqual({ ...NONE, seed: true, negativePrompt: true, output: true });
  });

  it("leaves the last word to the operator", async () => {
    const card: AiSdkModel["card"] = {
      aliases: ["pro"],
      ownedBy: "studio",
      limits: { n: 2, promptChars: 100, sizes: [{ kind: "any" }] },
      params: { seed: false, quality: true },
      cancel: { queued: "no", running: "best_effort" },
      extra: ["steps"],
    };
    const model = of("xai.image", "grok-imagine-image", { maxImagesPerCall: 3 });
    expect(await cardOf({ model, card })).toMatchObject({
      ...card,
      limits: { ...card?.limits, qualities: ["low", "medium", "high"] },
      params: { seed: false, quality: true, style: false },
    });
  });
});
