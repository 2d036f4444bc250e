import { type Catalogue, type HostedModel, hostedModels } from "../../../lib/providers/hosted/models";
import { optionsCheck } from "../../../lib/providers/options-check";

type Family = "wide" | "narrow";

const CATALOGUE: Catalogue<Family> = {
  families: [
    {
      name: "wide",
      models: /^acme\/wide/,
      inputs: {
        n: { name: "num", max: 4 },
        seed: "seed",
        size: { as: "ratio", name: "ratio", values: ["1:1", "2:1"] },
        format: { name: "ext", values: { png: "png", jpeg: "jpg" } },
        extra: { steps: "num_steps" },
      },
    },
    { name: "narrow", models: /^acme\/narrow$/, inputs: { negativePrompt: "avoid" } },
  ],
  names: /^[a-z-]+\/[a-z-]+$/,
  example: "acme/wide",
  reserved: { sync: "would not do: leave it out" },
  cancel: { queued: "yes", running: "best_effort" },
};

const check = optionsCheck("hosted()");
const resolve = (...models: (string | HostedModel<Family>)[]) => hostedModels(check, models, CATALOGUE);
const cardOf = (model: string | HostedModel<Family>) => {
  const [found] = [...resolve(model).values()];
  return found?.card;
};

describe("the models of a hosting service", () => {
  it("have the cards that follow from what they take", () => {
    expect(cardOf("acme/wide")).toEqual({
      id: "acme/wide",
      ops: ["generate"],
      limits: {
        n: 4,
        sizes: [{ kind: "ratio", values: ["1:1", "2:1"], auto: true }],
        qualities: [],
        styles: [],
        backgrounds: [],
        formats: ["png", "jpeg"],
      },
      params: {
        seed: true,
        negativePrompt: false,
        quality: false,
        style: false,
        background: false,
        moderation: false,
        output: true,
        mask: false,
        endUser: false,
      },
      extra: ["steps"],
      stream: false,
      progress: "status",
      previews: false,
      cancel: { queued: "yes", running: "best_effort" },
      resume: true,
      idempotent: false,
    });
  });

  it("take nothing but a prompt where nothing is known of them", () => {
    const card = cardOf("other/thing");
    expect(card).toMatchObject({
      extra: [],
      limits: { n: 1, sizes: [{ kind: "list", values: [], auto: true }] },
    });
    expect(Object.values(card?.params ?? {})).toEqual(Array(9).fill(false));
  });

  it("take a seed and a negative prompt by their usual names where the card says so", () => {
    const [model] = [
      ...resolve({ id: "other/thing", params: { seed: true, negativePrompt: true } }).values(),
    ];
    expect(model?.inputs).toMatchObject({ seed: "seed", negativePrompt: "negative_prompt" });
    expect(model?.card.params).toMatchObject({ seed: true, negativePrompt: true });
  });

  it("may share one model of the service under names of their own", () => {
    const models = resolve(
      { id: "photo", upstream: "acme/wide", defaults: { style: 1 } },
      { id: "anime", upstream: "acme/wide", defaults: { style: 2 } },
    );
    expect(
      [...models].map(([id, { card, upstream, defaults }]) => [id, card.id, upstream, defaults]),
    ).toEqual([
      ["photo", "photo", "acme/wide", { style: 1 }],
      ["anime", "anime", "acme/wide", { style: 2 }],
    ]);
    // The gateway hands the card's upstream name to the provider where there is one, and both have the same.
    expect([...models.values()].map(({ card }) => card.upstream)).toEqual([undefined, undefined]);
  });

  it("are of a family that the operator names", () => {
    expect(cardOf({ id: "other/tuned", family: "wide" })?.limits?.n).toBe(4);
    expect(cardOf({ id: "acme/wide", family: "narrow" })?.params).toMatchObject({
      negativePrompt: true,
      seed: false,
    });
  });

  it("are what the operator says, member by member", () => {
    const [model] = [
      ...resolve({
        id: "acme/wide",
        aliases: ["dall-e-3"],
        limits: { n: 2, promptChars: 200 },
        params: { seed: false },
        progress: "steps",
        input: { n: { name: "count", max: 8 }, extra: { scale: "lora_scale" } },
      }).values(),
    ];
    expect(model?.card).toMatchObject({
      aliases: ["dall-e-3"],
      limits: { n: 2, promptChars: 200, formats: ["png", "jpeg"] },
      params: { seed: false, output: true },
      progress: "steps",
      extra: ["steps", "scale"],
    });
    expect(model?.inputs).toMatchObject({ n: { name: "count", max: 8 }, seed: "seed" });
  });

  it("never make more pictures of one call than there is an input for", () => {
    expect(cardOf({ id: "acme/wide", limits: { n: 9 } })?.limits?.n).toBe(4);
    expect(cardOf({ id: "acme/narrow", limits: { n: 9 } })?.limits?.n).toBe(1);
  });

  it("have only those further fields that the operator lists, if he does", () => {
    expect(cardOf({ id: "acme/wide", extra: [] })?.extra).toEqual([]);
    expect(cardOf({ id: "acme/wide", extra: ["steps", "scale"] })?.extra).toEqual(["steps", "scale"]);
    expect(cardOf({ id: "acme/wide", extra: "pass" })?.extra).toBe("pass");
  });

  it("offer the choices of which the operator says what the model calls them", () => {
    const input = { quality: { name: "speed", values: { high: "SLOW", low: "FAST" } } };
    const card = cardOf({ id: "acme/narrow", input });
    expect(card).toMatchObject({ params: { quality: true }, limits: { qualities: ["high", "low"] } });
  });

  it.each<[RegExp, readonly (string | HostedModel<Family>)[]]>([
    [/models is missing: name the models to offer, such as "acme\/wide"/, []],
    [/models holds a model without an id/, [""]],
    [/models names a model twice: give one of them another id/, ["acme/wide", { id: "acme/wide" }]],
    [
      /models\["wide"\] is no name of a model: write it like "acme\/wide", or give such a name as upstream/,
      ["wide"],
    ],
    [/models\["a"\] is no name of a model/, [{ id: "a", upstream: "../account" }]],
    [/defaults\.sync would not do: leave it out/, [{ id: "acme/wide", defaults: { sync: true } }]],
    [
      /models\["acme\/wide"\]\.params\.quality is true, but input names nothing that takes it/,
      [{ id: "acme/wide", params: { quality: true } }],
    ],
  ])("are refused with %s", (message, models) => {
    expect(() => resolve(...models)).toThrow(message);
    expect(() => resolve(...models)).toThrow(TypeError);
  });

  it.each<[RegExp, object]>([
    [/option 'inputs' is unknown; did you mean 'input'\?/, { id: "acme/wide", inputs: {} }],
    [/option 'previews' is unknown/, { id: "acme/wide", previews: true }],
    [
      /option 'negative_prompt' is unknown; did you mean 'negativePrompt'\?/,
      { id: "acme/wide", input: { negative_prompt: "a" } },
    ],
    [/family use one of wide, narrow/, { id: "acme/wide", family: "broad" }],
  ])("are refused with %s where types are not checked", (message, model) => {
    // As a host without types would write it.
    const models = JSON.parse(JSON.stringify([model]));
    expect(() => hostedModels(check, models, CATALOGUE)).toThrow(message);
  });

  it("are refused where they are no list at all", () => {
    expect(() => hostedModels(check, JSON.parse('{"a": 1}'), CATALOGUE)).toThrow(/models is missing/);
  });
});
