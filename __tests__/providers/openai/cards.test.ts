import { completed, createCards } from "../../../lib/providers/openai/cards";
import { DIALECTS } from "../../../lib/providers/openai/dialects";
import { familyOf, knownCard } from "../../../lib/providers/openai/families";

describe("familyOf", () => {
  it.each([
    ["gpt-image-1", "gpt-image"],
    ["gpt-image-1-mini", "gpt-image"],
    ["gpt-image-2-2026-04-21", "gpt-image"],
    ["gpt-image-2.6-flare", "gpt-image"],
    ["chatgpt-image-latest", "gpt-image"],
    ["openai/gpt-image-1", "gpt-image"],
    ["dall-e-2", "dall-e-2"],
    ["dall-e-3", "dall-e-3"],
    ["openai/dall-e-3", "dall-e-3"],
    ["gpt-4o", "other"],
    ["my-gpt-image-1", "other"],
    ["dall-e-30", "other"],
    ["", "other"],
    ["__proto__", "other"],
  ])("puts %s into %s", (name, family) => {
    expect(familyOf(name)).toBe(family);
  });
});

describe("knownCard", () => {
  it("gives the GPT image models up to 1.5 three sizes and their words", () => {
    expect(knownCard("gpt-image-1-mini")).toEqual({
      ops: ["generate", "edit"],
      extra: ["input_fidelity"],
      defaultResponseFormat: "b64_json",
      params: { seed: false, negativePrompt: false, style: false },
      stream: "native",
      limits: {
        n: 10,
        promptChars: 32_000,
        inputImages: 16,
        inputBytes: 52_428_800,
        qualities: ["auto", "low", "medium", "high"],
        backgrounds: ["auto", "transparent", "opaque"],
        formats: ["png", "jpeg", "webp"],
        sizes: [{ kind: "list", values: ["1024x1024", "1536x1024", "1024x1536"], auto: true }],
      },
    });
  });

  it("gives gpt-image-2 a grid of sizes", () => {
    expect(knownCard("gpt-image-2-2026-04-21").limits).toMatchObject({
      qualities: ["auto", "low", "medium", "high"],
      sizes: [
        { kind: "grid", step: 16, max: 3840, maxPixels: 8_294_400, minRatio: 1 / 3, maxRatio: 3, auto: true },
      ],
    });
  });

  it.each(["gpt-image-2.5-sunburst", "gpt-image-2.6-flare", "chatgpt-image-latest"])(
    "leaves the words of %s, which change by the month, to the upstream",
    (name) => {
      const { limits } = knownCard(name);
      expect(limits).toMatchObject({ n: 10, promptChars: 32_000 });
      for (const word of ["qualities", "formats", "backgrounds"]) expect(limits).not.toHaveProperty(word);
    },
  );

  it("gives DALL-E its limits", () => {
    expect(knownCard("dall-e-3").limits).toMatchObject({
      n: 1,
      promptChars: 4_000,
      qualities: ["standard", "hd"],
      styles: ["vivid", "natural"],
    });
    expect(knownCard("dall-e-2").limits).toMatchObject({ n: 10, promptChars: 1_000 });
    expect(knownCard("dall-e-2").params).toMatchObject({ style: false, output: false, seed: false });
  });

  it("offers to work on pictures as OpenAI does", () => {
    expect(knownCard("dall-e-2").ops).toEqual(["generate", "edit", "variation"]);
    expect(knownCard("dall-e-2").limits).toMatchObject({ inputImages: 1, inputBytes: 4_194_304 });
    expect(knownCard("dall-e-3").ops).toBeUndefined();
    expect(knownCard("gpt-image-2").ops).toEqual(["generate", "edit"]);
  });

  it.each(["gpt-image-2", "gpt-image-2.5-flare", "chatgpt-image-latest"])(
    "does not promise input_fidelity of %s",
    (name) => {
      expect(knownCard(name)).not.toHaveProperty("extra");
    },
  );

  it("says nothing of a model it does not know", () => {
    expect(knownCard("flux")).toEqual({});
  });
});

describe("completed", () => {
  it("lets the operator have the last word, member by member", () => {
    const card = completed(
      { id: "dall-e-3", limits: { promptChars: 100 }, params: { style: false } },
      DIALECTS.openai,
    );
    expect(card.limits).toMatchObject({ n: 1, promptChars: 100 });
    expect(card.params).toMatchObject({ style: false, seed: false });
  });

  it("knows a model by the upstream's name or, failing that, by ours", () => {
    expect(completed({ id: "art", upstream: "dall-e-3" }, DIALECTS.openai).limits?.n).toBe(1);
    expect(completed({ id: "dall-e-3", upstream: "art-eu" }, DIALECTS.azure).limits?.n).toBe(1);
  });

  it("takes a name for no promise outside of OpenAI", () => {
    expect(completed({ id: "dall-e-3" }, DIALECTS.generic)).toMatchObject({ limits: {}, params: {} });
  });

  it("draws one picture per call with LocalAI, where all of a call have one seed", () => {
    expect(completed({ id: "sdxl" }, DIALECTS.localai).limits?.n).toBe(1);
    expect(completed({ id: "sdxl", limits: { n: 4 } }, DIALECTS.localai).limits?.n).toBe(4);
  });
});

describe("createCards", () => {
  it("finds a card by the upstream's name; the first of several wins", () => {
    const cards = createCards(
      [{ id: "a", upstream: "x", limits: { n: 2 } }, { id: "b", upstream: "x" }, "c"],
      DIALECTS.generic,
    );
    expect(cards.named?.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(cards.forUpstream("x").limits?.n).toBe(2);
    expect(cards.forUpstream("c").id).toBe("c");
    expect(cards.forUpstream("unknown")).toMatchObject({ id: "unknown", limits: {} });
  });

  it("names nothing when the operator named nothing", () => {
    expect(createCards(undefined, DIALECTS.generic).named).toBeUndefined();
  });
});
