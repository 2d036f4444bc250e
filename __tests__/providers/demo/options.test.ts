import { resolveDemoOptions } from "../../../lib/providers/demo/options";

describe("the demo's options", () => {
  it("serve one model 'demo' in eight steps of 120 ms unless told otherwise", () => {
    const { id, cards, stepMs, steps } = resolveDemoOptions({});
    expect({ id, stepMs, steps, models: cards.map((card) => card.id) }).toEqual({
      id: "demo",
      stepMs: 120,
      steps: 8,
      models: ["demo"],
    });
    expect(cards[0]).toMatchObject({
      ops: ["generate", "edit", "variation"],
      limits: { n: 4, inputImages: 1, concurrent: 2, formats: ["png", "jpeg", "webp"] },
      progress: "steps",
      previews: true,
      cancel: { queued: "yes", running: "yes" },
    });
    expect(cards[0]).not.toHaveProperty("aliases");
  });

  it("give the aliases to the first model", () => {
    const { cards } = resolveDemoOptions({ models: ["demo", "other"], aliases: ["dall-e-3"] });
    expect(cards.map((card) => [card.id, card.aliases])).toEqual([
      ["demo", ["dall-e-3"]],
      ["other", undefined],
    ]);
  });

  it("lay a card's own members over the default ones", () => {
    const [card] = resolveDemoOptions({ models: [{ id: "tiny", limits: { n: 1 } }] }).cards;
    expect(card).toMatchObject({ id: "tiny", limits: { n: 1 }, previews: true });
  });

  it("keep a step time of 0", () => {
    expect(resolveDemoOptions({ stepMs: 0 }).stepMs).toBe(0);
  });

  it.each([
    ["'id'", { id: "Demo!" }],
    ["'stepMs'", { stepMs: -1 }],
    ["'stepMs'", { stepMs: Number.NaN }],
    ["'stepMs'", { stepMs: 60_001 }],
    ["'steps'", { steps: 0 }],
    ["'steps'", { steps: 51 }],
    ["'steps'", { steps: 2.5 }],
    ["'models'", { models: [] }],
    ["'aliases'", { aliases: [""] }],
    ["'demo'", { aliases: ["demo"] }],
    ["'stepMS'", { ...{ stepMS: 5 }, steps: 8 }],
  ])("name %s when it is wrong", (name, options) => {
    expect(() => resolveDemoOptions(options)).toThrow(name);
    expect(() => resolveDemoOptions(options)).toThrow(TypeError);
  });
});
