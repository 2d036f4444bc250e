import { type AiSdkOptions, aiSdk } from "../../../lib/providers/ai-sdk";
import { scriptedModel } from "./models";

const model = scriptedModel();

describe("aiSdk()", () => {
  it.each<[string, AiSdkOptions]>([
    ["a model alone", { models: { m: model } }],
    ["a model with what there is to say of it", { models: { m: { model, card: { extra: ["steps"] } } } }],
    ["a model of version 2", { models: { m: scriptedModel(undefined, { specificationVersion: "v2" }) } }],
    ["a name that is a member of every object", { models: { constructor: model } }],
  ])("takes %s", (_name, options) => {
    expect(aiSdk(options).id).toBe("ai-sdk");
  });

  it.each<[RegExp, object]>([
    [/models is missing: write it like \{"flux-pro": vendor\.image\("flux-pro"\)\}/, {}],
    [/models is missing/, { models: {} }],
    [/models is missing/, { models: [model] }],
    [/models holds a model without a name/, { models: { "": model } }],
    [/models\["m"\] is a name: give the model itself/, { models: { m: "bfl/flux" } }],
    [/models\["m"\] is no model of the AI SDK/, { models: { m: null } }],
    [/models\["m"\] is no model of the AI SDK/, { models: { m: { model: {} } } }],
    [/models\["m"\] is no model of the AI SDK/, { models: { m: { ...model, doGenerate: 1 } } }],
    [
      /models\["m"\] is no image model: give what vendor\.image/,
      { models: { m: { specificationVersion: "v4", doGenerate() {}, doStream() {} } } },
    ],
    [
      /models\["m"\] is of a specification version that is not known here/,
      { models: { m: { ...model, specificationVersion: "v5" } } },
    ],
    [/option 'cards' is unknown; did you mean 'card'\?/, { models: { m: { model, cards: {} } } }],
    [
      /option 'modell' is unknown; did you mean 'models'\? Known: id, models, maxImageBytes/,
      { models: { m: model }, modell: 1 },
    ],
    [/models\["m"\]\.card\.extra is no list/, { models: { m: { model, card: { extra: "pass" } } } }],
    [
      /models\["m"\]\.fields\.size is no field: use seed, negative_prompt/,
      { models: { m: { model, fields: { size: "s" } } } },
    ],
    [
      /models\["m"\]\.card\.ops cannot hold edit or variation/,
      { models: { m: { model: { ...model, specificationVersion: "v2" }, card: { ops: ["edit"] } } } },
    ],
    [/id use lower-case letters/, { models: { m: model }, id: "AI SDK" }],
    [/maxImageBytes is 0: give a whole number between 1 and/, { models: { m: model }, maxImageBytes: 0 }],
  ])("refuses with %p, as a host without types would write it", (message, options) => {
    expect(() => Reflect.apply(aiSdk, undefined, [options])).toThrow(message);
    expect(() => Reflect.apply(aiSdk, undefined, [options])).toThrow(TypeError);
  });
});
