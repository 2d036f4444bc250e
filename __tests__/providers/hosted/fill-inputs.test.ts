import { fillInputs, promptsOf } from "../../../lib/providers/hosted/fill-inputs";
import { type Catalogue, type HostedModel, hostedModels } from "../../../lib/providers/hosted/models";
import { optionsCheck } from "../../../lib/providers/options-check";
import { generate } from "./context";

const CATALOGUE: Catalogue<"all"> = {
  families: [
    {
      name: "all",
      models: /^acme\/all$/,
      inputs: {
        prompt: "text",
        negativePrompt: "avoid",
        seed: "seed",
        n: { name: "num", max: 4 },
        size: { as: "sides", width: "w", height: "h", grid: { step: 8 }, also: { ratio: "custom" } },
        style: { name: "look", values: ["vivid", "natural"] },
        format: { name: "ext", values: { png: "png", jpeg: "jpg" } },
        compression: "grade",
        extra: { steps: "num_steps" },
      },
    },
  ],
  names: /^acme\//,
  example: "acme/all",
  reserved: { sync: "no" },
  cancel: { queued: "yes", running: "yes" },
};

function modelOf(more: Partial<HostedModel<"all">> = {}) {
  const [model] = [...hostedModels(optionsCheck("x()"), [{ id: "acme/all", ...more }], CATALOGUE).values()];
  if (model === undefined) throw new Error("no model");
  return model;
}

const inputOf = (task: Parameters<typeof generate>[1], more: Partial<HostedModel<"all">> = {}) => ({
  ...fillInputs(generate("acme/all", task), modelOf(more)).input,
});

const extra = (fields: Record<string, unknown>) => Object.assign(Object.create(null), fields);

describe("fillInputs", () => {
  it("writes each field into the input that takes it", () => {
    const task = {
      prompt: "a lake",
      negativePrompt: "people",
      n: 2,
      seed: 7,
      size: { width: 1024, height: 512 },
      style: "vivid",
      output: { format: "jpeg", compression: 80 },
      extra: extra({ steps: 4 }),
    };
    expect(inputOf(task)).toEqual({
      text: "a lake",
      avoid: "people",
      num: 2,
      seed: 7,
      ratio: "custom",
      w: 1024,
      h: 512,
      look: "vivid",
      ext: "jpg",
      grade: 80,
      num_steps: 4,
    });
  });

  it("leaves out what was not asked for, so that the model decides", () => {
    expect(inputOf({})).toEqual({ text: "a red cube", num: 1 });
    expect(inputOf({ size: "auto" })).toEqual({ text: "a red cube", num: 1 });
  });

  it("lets the request beat what the operator has fixed, where he lets callers choose", () => {
    const defaults = { num_steps: 28, w: 768, h: 768, safe: true, text: "nothing" };
    expect(inputOf({}, { defaults })).toEqual({
      text: "a red cube",
      num: 1,
      num_steps: 28,
      w: 768,
      h: 768,
      safe: true,
    });
    expect(
      inputOf({ extra: extra({ steps: 4 }), size: { width: 512, height: 512 } }, { defaults }),
    ).toMatchObject({ num_steps: 4, w: 512, h: 512, safe: true });
  });

  it("keeps seeds within what every model takes", () => {
    expect(inputOf({ seed: 2 ** 31 - 1 })).toMatchObject({ seed: 2 ** 31 - 1 });
    expect(inputOf({ seed: 2 ** 31 + 5 })).toMatchObject({ seed: 5 });
    expect(inputOf({ seed: 2 ** 53 - 1 })).toMatchObject({ seed: 2 ** 31 - 1 });
  });

  it("sends further fields that the card lists by their own names", () => {
    const fields = extra({ scale: 0.5, __proto__: 1 });
    expect(inputOf({ extra: fields }, { extra: ["scale"] })).toMatchObject({ scale: 0.5 });
  });

  it.each([
    ["num", {}],
    ["w", {}],
    ["ratio", {}],
    ["text", {}],
    ["seed", {}],
    ["ext", {}],
    ["grade", {}],
    ["sync", {}],
    ["safe", { extra: "pass" as const, defaults: { safe: true } }],
  ])("refuses %s as a further field: there is another way to it, or none", (name, more) => {
    expect(() => inputOf({ extra: extra({ [name]: 9 }) }, { extra: [name], ...more })).toThrow(
      expect.objectContaining({
        fault: "unsupported_param",
        info: expect.objectContaining({ param: name, started: "no" }),
      }),
    );
  });

  it("lets callers change what is fixed where the operator lists it", () => {
    const more = { defaults: { safe: true, num_steps: 28 }, extra: ["safe", "steps"] };
    expect(inputOf({ extra: extra({ safe: false }) }, more)).toMatchObject({ safe: false });
    const all = { defaults: { num_steps: 28 }, extra: "pass" as const };
    expect(inputOf({ extra: extra({ steps: 4, more: 1 }) }, all)).toMatchObject({ num_steps: 4, more: 1 });
  });

  it("says that a compression does not apply", () => {
    const [model] = [
      ...hostedModels(
        optionsCheck("x()"),
        [{ id: "acme/other", input: { format: { name: "ext", values: ["png"] } } }],
        CATALOGUE,
      ).values(),
    ];
    if (model === undefined) throw new Error("no model");
    const { input, warnings } = fillInputs(
      generate("acme/other", { output: { format: "png", compression: 50 } }),
      model,
    );
    expect({ ...input }).toEqual({ prompt: "a red cube", ext: "png" });
    expect(warnings).toEqual([expect.objectContaining({ param: "output_compression" })]);
  });
});

describe("promptsOf", () => {
  it("are secrets once they are long enough to be told from any other word", () => {
    expect(promptsOf(generate("m", { prompt: "a cat", negativePrompt: "a very ugly dog" }))).toEqual([
      "a very ugly dog",
    ]);
    expect(promptsOf(generate("m", { prompt: "a long prompt" }))).toEqual(["a long prompt"]);
  });
});
