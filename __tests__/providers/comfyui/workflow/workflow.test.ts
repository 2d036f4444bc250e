import { deriveCard } from "../../../../lib/providers/comfyui/workflow/card";
import { createWorkflow } from "../../../../lib/providers/comfyui/workflow/workflow";

type Nodes = Record<
  string,
  { class_type: string; inputs: Record<string, unknown>; _meta?: { title: string } }
>;

const base = (): Nodes => ({
  3: {
    class_type: "KSampler",
    inputs: {
      seed: 1,
      steps: 20,
      cfg: 7,
      model: ["4", 0],
      positive: ["6", 0],
      negative: ["7", 0],
      latent_image: ["5", 0],
    },
  },
  4: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "a.safetensors" } },
  5: { class_type: "EmptyLatentImage", inputs: { width: 512, height: 512, batch_size: 1 } },
  6: { class_type: "CLIPTextEncode", inputs: { text: "x", clip: ["4", 1] } },
  7: { class_type: "CLIPTextEncode", inputs: { text: "y", clip: ["4", 1] } },
  8: { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
  9: { class_type: "SaveImage", inputs: { images: ["8", 0], filename_prefix: "x" } },
});

const made = (json: unknown, bindings = {}) => createWorkflow("m", '"m" (m.json)', json, bindings);
const bound = (json: unknown, bindings = {}) =>
  Object.fromEntries(
    [...made(json, bindings).bindings].map(([field, { targets }]) => [
      field,
      targets.map(({ node, input }) => `${node}.${input}`).join(" "),
    ]),
  );

const PLAIN = {
  prompt: "6.text",
  negative: "7.text",
  width: "5.width",
  height: "5.height",
  batch: "5.batch_size",
  seed: "3.seed",
  steps: "3.steps",
  cfg: "3.cfg",
};

describe("fields are found", () => {
  it("by classes that leave no doubt", () => {
    expect(bound(base())).toEqual(PLAIN);
  });

  it("by titles, whatever the case, before classes", () => {
    const nodes = base();
    nodes["20"] = {
      class_type: "CLIPTextEncode",
      inputs: { text: "z", clip: ["4", 1] },
      _meta: { title: "Prompt " },
    };
    nodes["21"] = { class_type: "PrimitiveInt", inputs: { value: 9 }, _meta: { title: "SEED" } };
    expect(bound(nodes)).toMatchObject({ prompt: "20.text", seed: "21.value" });
  });

  it("through links to where the value stands", () => {
    const nodes = base();
    nodes["30"] = { class_type: "PrimitiveStringMultiline", inputs: { value: "x" } };
    nodes["31"] = { class_type: "PrimitiveInt", inputs: { value: 640 } };
    Object.assign(nodes["6"]?.inputs ?? {}, { text: ["30", 0] });
    Object.assign(nodes["5"]?.inputs ?? {}, { width: ["31", 0] });
    expect(bound(nodes)).toMatchObject({ prompt: "30.value", width: "31.value", height: "5.height" });
  });

  it("through nodes that condition, each side by its own output", () => {
    const nodes = base();
    nodes["40"] = {
      class_type: "ControlNetApplyAdvanced",
      inputs: { positive: ["6", 0], negative: ["7", 0], strength: 1 },
    };
    Object.assign(nodes["3"]?.inputs ?? {}, { positive: ["40", 0], negative: ["40", 1] });
    expect(bound(nodes)).toMatchObject({ prompt: "6.text", negative: "7.text" });
  });

  it("for a guider without a negative side, with the seed at a noise node", () => {
    const nodes: Nodes = {
      1: { class_type: "BasicGuider", inputs: { model: ["2", 0], conditioning: ["3", 0] } },
      2: { class_type: "UNETLoader", inputs: { unet_name: "a" } },
      3: { class_type: "FluxGuidance", inputs: { guidance: 3.5, conditioning: ["4", 0] } },
      4: {
        class_type: "CLIPTextEncodeFlux",
        inputs: { clip_l: "x", t5xxl: "x", guidance: 3, clip: ["2", 0] },
      },
      5: { class_type: "RandomNoise", inputs: { noise_seed: 1 } },
      6: { class_type: "EmptySD3LatentImage", inputs: { width: 1024, height: 1024, batch_size: 1 } },
      7: {
        class_type: "SamplerCustomAdvanced",
        inputs: { noise: ["5", 0], guider: ["1", 0], latent_image: ["6", 0] },
      },
      8: { class_type: "BasicScheduler", inputs: { steps: 4, model: ["2", 0] } },
      9: { class_type: "SaveImage", inputs: { images: ["7", 0] } },
    };
    expect(bound(nodes)).toEqual({
      prompt: "4.clip_l 4.t5xxl",
      seed: "5.noise_seed",
      steps: "8.steps",
      width: "6.width",
      height: "6.height",
      batch: "6.batch_size",
    });
    expect(deriveCard(made(nodes), 1).limits?.sizes).toEqual([
      { kind: "grid", step: 16, min: 64, max: 2048, auto: true },
    ]);
  });

  it("for every sampler's seed, but for the steps and the guidance of none when there are several", () => {
    const nodes = base();
    nodes["14"] = {
      ...base()["3"],
      inputs: { ...base()["3"]?.inputs, latent_image: ["3", 0] },
      class_type: "KSampler",
    };
    Object.assign(nodes["8"]?.inputs ?? {}, { samples: ["14", 0] });
    const found = bound(nodes);
    expect(found["seed"]).toBe("3.seed 14.seed");
    expect(found).not.toHaveProperty("steps");
    expect(found).not.toHaveProperty("cfg");
  });

  it("as written, by id or title, before anything else; false keeps a field out", () => {
    const nodes = base();
    Object.assign(nodes["4"] ?? {}, { _meta: { title: "My loader" } });
    const written = {
      cfg: false,
      model_file: { to: "my LOADER.ckpt_name", values: ["a.safetensors"] },
      prompt: ["6.text", "7.text"],
      negative: false,
    };
    const found = bound(nodes, written);
    expect(found).toMatchObject({ prompt: "6.text 7.text", model_file: "4.ckpt_name" });
    expect(found).not.toHaveProperty("cfg");
    expect(found).not.toHaveProperty("negative");
  });
});

describe("what cannot work is refused with its remedy", () => {
  const without = (...ids: string[]) =>
    Object.fromEntries(Object.entries(base()).filter(([id]) => !ids.includes(id)));
  it.each([
    [
      "the editor's format",
      { nodes: [], links: [] },
      {},
      /format of the editor: export it with "Export \(API\)"/,
    ],
    ["no object", [1], {}, /no JSON object/],
    ["nothing", {}, {}, /no nodes/],
    ["a node without a class", { 1: { inputs: {} } }, {}, /no class_type .* at node 1/],
    ["no prompt", without("6", "7"), {}, /no input for the prompt: title the node/],
    ["no output", { 3: base()["6"] }, { output: "9" }, /names "9" as its output/],
    [
      "two outputs",
      { ...base(), 10: base()["9"] },
      {},
      /several output nodes: give the one .* the title "output"/,
    ],
    [
      "a video",
      { ...base(), 9: { class_type: "SaveVideo", inputs: { images: ["8", 0] } } },
      {},
      /SaveVideo.* not served here/,
    ],
    [
      "a binding to no place",
      base(),
      { steps: "3" },
      /binds "steps" to "3": write a node's id or title, a dot and its input/,
    ],
    ["one to no node", base(), { steps: "99.steps" }, /binds "steps" to "99.steps"/],
    [
      "one to no input",
      base(),
      { steps: "3.stepps" },
      /input "stepps" of node 3 \(KSampler\), which has no such input: it has seed, steps/,
    ],
    ["one to a link", base(), { denoise: "3.model" }, /which is fed by node 4/],
    [
      "one to text for a number",
      base(),
      { seed: "6.text" },
      /holds a string: this field needs one that holds a number/,
    ],
    ["one with a name of OpenAI's", base(), { quality: "3.steps" }, /"quality", which has a meaning already/],
    [
      "one with a name of JavaScript's",
      base(),
      JSON.parse('{"__proto__": "3.steps"}'),
      /has a meaning already/,
    ],
    ["one to nothing", base(), { steps: [] }, /binds "steps" to nothing/],
  ])("%s", (_name, json, bindings, message) => {
    expect(() => made(json, bindings)).toThrow(message);
    expect(() => made(json, bindings)).toThrow(/^comfyui\(\): the workflow of "m" \(m\.json\) /);
  });
});

describe("the output", () => {
  it("is the saved picture, not one that was only looked at", () => {
    const nodes = { ...base(), 10: { class_type: "PreviewImage", inputs: { images: ["8", 0] } } };
    expect(made(nodes).output.id).toBe("9");
  });

  it("is the one with the title, or the one named", () => {
    const two = {
      ...base(),
      10: { class_type: "SaveImage", inputs: { images: ["8", 0] }, _meta: { title: "Output" } },
    };
    expect(made(two).output.id).toBe("10");
    expect(made(two, { output: "9" }).output.id).toBe("9");
  });

  it("may be a node that is not known, where nothing else ends the graph", () => {
    const nodes = { ...base(), 9: { class_type: "MySaver", inputs: { images: ["8", 0] } } };
    expect(made(nodes).output.id).toBe("9");
  });
});

describe("the card", () => {
  it("says which fields the workflow takes", () => {
    expect(deriveCard(made(base()), 2)).toMatchObject({
      id: "m",
      ops: ["generate"],
      extra: ["steps", "cfg"],
      params: { seed: true, negativePrompt: true, mask: false, quality: false },
      limits: { n: 4, concurrent: 2, sizes: [{ kind: "grid", step: 8, min: 64, max: 2048, auto: true }] },
      cancel: { queued: "yes", running: "yes" },
      resume: true,
    });
  });

  it("allows one picture at a time and no size where neither is bound", () => {
    const card = deriveCard(made(base(), { batch: false, width: false, seed: false, negative: false }), 1);
    expect(card.limits).toMatchObject({ n: 1, sizes: [{ kind: "list", values: [], auto: true }] });
    expect(card.params).toMatchObject({ seed: false, negativePrompt: false });
  });

  it("is for edits where the workflow reads a picture, for variations where it reads no prompt beside it", () => {
    const nodes = { ...base(), 10: { class_type: "LoadImage", inputs: { image: "a.png" } } };
    expect(deriveCard(made(nodes), 1)).toMatchObject({ ops: ["edit"], limits: { inputImages: 1 } });
    expect(deriveCard(made(nodes, { prompt: false }), 1).ops).toEqual(["variation"]);
  });

  it("gives way to what the operator writes, limit by limit", () => {
    const card = deriveCard(made(base()), 1, { aliases: ["sd"], limits: { n: 2 }, params: { seed: false } });
    expect(card).toMatchObject({
      id: "m",
      aliases: ["sd"],
      limits: { n: 2, concurrent: 1 },
      params: { seed: false, mask: false },
    });
  });
});
