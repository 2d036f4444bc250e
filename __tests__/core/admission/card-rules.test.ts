import { applyCard, type CardRulesOptions } from "../../../lib/core/admission/card-rules";
import type { ImageRequest, ModelCard } from "../../../lib/ports";
import { refusalOf, request } from "../bench";

const RULES: CardRulesOptions = { strict: false, promptChars: undefined };

const apply = (card: Partial<ModelCard>, more: Partial<ImageRequest> = {}, rules = RULES) =>
  applyCard({ id: "test-model", ...card }, request(more), rules);
const refused = (card: Partial<ModelCard>, more: Partial<ImageRequest>, rules = RULES) =>
  refusalOf(() => apply(card, more, rules));

describe("applyCard", () => {
  it("lets everything pass that the card does not know, under the upstream's name", () => {
    const asked = {
      n: 3,
      size: { width: 7, height: 9 },
      quality: "q",
      style: "s",
      background: "b",
      moderation: "low",
      outputFormat: "png",
      outputCompression: 50,
      endUser: "u",
    } as const;
    expect(apply({ upstream: "their-name" }, asked)).toEqual({
      warnings: [],
      responseFormat: "url",
      fields: {
        model: "their-name",
        prompt: "a red cube",
        n: 3,
        size: { width: 7, height: 9 },
        quality: "q",
        style: "s",
        background: "b",
        moderation: "low",
        output: { format: "png", compression: 50 },
        endUser: "u",
        deliver: "any",
        extra: Object.create(null),
      },
    });
  });

  describe("prompt", () => {
    it("takes 4000 emoji, which are 8000 UTF-16 units, and not one more", async () => {
      expect(apply({}, { prompt: "😀".repeat(4000) }).fields.prompt).toHaveLength(8000);
      expect(await refused({}, { prompt: "😀".repeat(4001) })).toMatchObject({
        code: "string_above_max_length",
        param: "prompt",
        message: "Invalid 'prompt': it has 4001 characters, this model takes at most 4000.",
      });
      expect((await refused({}, { prompt: "x".repeat(4001) })).code).toBe("string_above_max_length");
    });

    it("goes by the card's limit, longer or shorter, and never beyond the host's", async () => {
      const card = { limits: { promptChars: 5000 } };
      expect(apply(card, { prompt: "x".repeat(5000) }).fields.prompt).toHaveLength(5000);
      await refused({ limits: { promptChars: 10 } }, { prompt: "x".repeat(11) });
      await refused(card, { prompt: "x".repeat(101) }, { ...RULES, promptChars: 100 });
      await refused(
        { limits: { promptChars: 10 } },
        { prompt: "x".repeat(11) },
        { ...RULES, promptChars: 100 },
      );
    });
  });

  describe("quality, style and background", () => {
    const lists = { quality: "qualities", style: "styles", background: "backgrounds" } as const;
    const params = ["quality", "style", "background"] as const;

    it.each(params)("drops %s with a warning where the model has no such thing", (param) => {
      for (const card of [{ params: { [param]: false } }, { limits: { [lists[param]]: [] } }]) {
        const { fields, warnings } = apply(card, { [param]: "x" });
        expect(fields).not.toHaveProperty(param);
        expect(warnings).toEqual([
          { param, message: `'${param}' does not apply to this model and was ignored.` },
        ]);
      }
    });

    it.each(params)(
      "refuses a %s that is not on the card's list, and names those that are",
      async (param) => {
        const card = { limits: { [lists[param]]: ["low", "high"] } };
        expect(apply(card, { [param]: "high" }).fields).toHaveProperty(param, "high");
        expect(await refused(card, { [param]: "x" })).toMatchObject({
          code: "invalid_value",
          param,
          message: `Invalid value 'x' for '${param}'. Supported by this model: 'low', 'high'.`,
        });
      },
    );

    it.each(params)(
      "passes auto as %s where the card knows the word, else leaves it to the model",
      (param) => {
        expect(apply({ limits: { [lists[param]]: ["auto"] } }, { [param]: "auto" }).fields).toHaveProperty(
          param,
          "auto",
        );
        expect(apply({ limits: { [lists[param]]: ["low"] } }, { [param]: "auto" })).toMatchObject({
          warnings: [],
        });
        expect(apply({ limits: { [lists[param]]: ["low"] } }, { [param]: "auto" }).fields).not.toHaveProperty(
          param,
        );
      },
    );
  });

  it("drops moderation with a warning where the model has none", () => {
    const { fields, warnings } = apply({ params: { moderation: false } }, { moderation: "low" });
    expect(fields).not.toHaveProperty("moderation");
    expect(warnings).toMatchObject([{ param: "moderation" }]);
  });

  describe("size", () => {
    const list = (auto?: boolean) => ({
      limits: {
        sizes: [{ kind: "list" as const, values: ["512x512"], ...(auto === undefined ? {} : { auto }) }],
      },
    });

    it("takes what a rule takes and refuses the rest with the rules in words", async () => {
      expect(apply(list(), { size: { width: 512, height: 512 } }).fields.size).toEqual({
        width: 512,
        height: 512,
      });
      expect(await refused(list(), { size: { width: 512, height: 513 } })).toMatchObject({
        code: "invalid_size",
        param: "size",
        message: "The size '512x513' is not supported by this model. Supported: 512x512.",
      });
    });

    it("passes auto only where a rule knows it, else leaves the size out, which means the same", () => {
      expect(apply(list(true), { size: "auto" }).fields.size).toBe("auto");
      expect(apply(list(false), { size: "auto" }).fields).not.toHaveProperty("size");
      expect(apply({ limits: { sizes: [{ kind: "any" }] } }, { size: "auto" }).fields).not.toHaveProperty(
        "size",
      );
      expect(apply({}, { size: "auto" }).fields).not.toHaveProperty("size");
    });

    it("refuses every size but auto where the card knows that there is no choice", async () => {
      const card = { limits: { sizes: [] } };
      expect((await refused(card, { size: { width: 1, height: 1 } })).message).toContain("Supported: auto.");
      expect(apply(card, { size: "auto" }).fields).not.toHaveProperty("size");
    });
  });

  it("does not pass the end user where the model takes none", () => {
    expect(apply({ params: { endUser: false } }, { endUser: "u" }).fields).not.toHaveProperty("endUser");
  });

  it("answers links unless the request, the card or a GPT image id says otherwise", () => {
    expect(apply({}).responseFormat).toBe("url");
    expect(apply({}, { responseFormat: "b64_json" }).responseFormat).toBe("b64_json");
    expect(apply({ defaultResponseFormat: "b64_json" }).responseFormat).toBe("b64_json");
    expect(apply({ defaultResponseFormat: "b64_json" }, { responseFormat: "url" }).responseFormat).toBe(
      "url",
    );
    expect(apply({ id: "gpt-image-2" }).responseFormat).toBe("b64_json");
    expect(apply({ id: "chatgpt-image-latest" }).responseFormat).toBe("b64_json");
    expect(apply({ id: "my-gpt-image-2" }).responseFormat).toBe("url");
    expect(apply({ id: "flux", aliases: ["gpt-image-1"] }, { model: "gpt-image-1" }).responseFormat).toBe(
      "b64_json",
    );
    expect(apply({ id: "gpt-image-2", defaultResponseFormat: "url" }).responseFormat).toBe("url");
  });

  it("gathers all warnings of one request", () => {
    const card = { params: { style: false, quality: false } };
    const asked = { style: "vivid", quality: "hd", unknown: { cfg: 7 } };
    expect(apply(card, asked).warnings.map(({ param }) => param)).toEqual(["quality", "style", "cfg"]);
  });
});
