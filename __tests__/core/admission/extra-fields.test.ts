import { sortExtraFields } from "../../../lib/core/admission/extra-fields";
import type { ModelCard, Warning } from "../../../lib/ports";
import { refusalOf } from "../bench";

const unknownOf = (json: string): Record<string, unknown> =>
  Object.assign(Object.create(null), JSON.parse(json));

function sort(card: Partial<ModelCard>, unknown: Record<string, unknown>, strict = false) {
  const warnings: Warning[] = [];
  const sorted = sortExtraFields({ id: "m", ...card }, unknown, strict, (warning) => warnings.push(warning));
  return { ...sorted, warnings };
}
const refused = (card: Partial<ModelCard>, unknown: Record<string, unknown>, strict = false) =>
  refusalOf(() => sort(card, unknown, strict));

describe("sortExtraFields", () => {
  it("forwards what the card lists and ignores the rest with a warning", () => {
    const { extra, warnings } = sort({ extra: ["steps"] }, { steps: 4, cfg: 7, toString: 1 });
    expect(extra).toEqual({ steps: 4 });
    expect(Object.getPrototypeOf(extra)).toBeNull();
    expect(warnings).toEqual([
      { param: "cfg", message: "'cfg' is not known to this model and was ignored." },
      { param: "toString", message: "'toString' is not known to this model and was ignored." },
    ]);
  });

  it("refuses the rest where it is strict", async () => {
    expect(await refused({ extra: ["steps"] }, { steps: 4, cfg: 7 }, true)).toMatchObject({
      code: "unknown_parameter",
      param: "cfg",
    });
    expect(sort({ extra: ["steps"] }, { steps: 4 }, true).extra).toEqual({ steps: 4 });
  });

  it("lets the operator list even a field that steers", () => {
    expect(sort({ extra: ["image_url"] }, { image_url: "https://a.example" }).extra).toEqual({
      image_url: "https://a.example",
    });
  });

  it("forwards everything else verbatim under 'pass'", () => {
    const given = { cfg: 7, loras: [{ name: "a", weight: 0.5 }], nothing: null };
    expect(sort({ extra: "pass" }, given)).toMatchObject({ extra: given, warnings: [] });
  });

  it.each([
    "url",
    "image_url",
    "imageURLs",
    "callbackUrl",
    "file",
    "files",
    "file_id",
    "ref_images",
    "webhook",
    "webhook_events_filter",
    "override_settings",
    "override_settings_restore_afterwards",
    "alwayson_scripts",
    "api_base",
    "infotext",
    "API_BASE",
  ])("refuses %s under 'pass', at any depth", async (name) => {
    const refusal = { code: "unsupported_parameter", status: 400 };
    expect(await refused({ extra: "pass" }, { [name]: "x" })).toMatchObject({ ...refusal, param: name });
    const nested = { extra_body: { options: [1, { [name]: "x" }] } };
    expect(await refused({ extra: "pass" }, nested)).toMatchObject({ ...refusal, param: "extra_body" });
  });

  it("refuses an own __proto__ under 'pass', which some way of copying would adopt", async () => {
    const unknown: Record<string, unknown> = JSON.parse('{"__proto__":{"admin":true}}');
    expect((await refused({ extra: "pass" }, unknown)).code).toBe("unsupported_parameter");
    expect((await refused({ extra: "pass" }, unknownOf('{"a":{"__proto__":{}}}'))).param).toBe("a");
  });

  describe("seed and negative_prompt", () => {
    it("get names of their own where the card allows them in any way", () => {
      const given = { seed: 0, negative_prompt: "" };
      const lifted = { seed: 0, negativePrompt: "", extra: {}, warnings: [] };
      expect(sort({ params: { seed: true, negativePrompt: true } }, given)).toEqual(lifted);
      expect(sort({ extra: ["seed", "negative_prompt"] }, given)).toEqual(lifted);
      expect(sort({ extra: "pass" }, given)).toEqual(lifted);
    });

    it("are ignored with a warning where the card denies or does not know them", () => {
      for (const card of [{}, { extra: "pass" as const, params: { seed: false, negativePrompt: false } }]) {
        const { warnings, ...sorted } = sort(card, { seed: 1, negative_prompt: "x" });
        expect(sorted).toEqual({ extra: {} });
        expect(warnings.map(({ param }) => param)).toEqual(["seed", "negative_prompt"]);
      }
    });

    it("mean the default as null", () => {
      expect(sort({ extra: "pass" }, { seed: null, negative_prompt: null })).toEqual({
        extra: {},
        warnings: [],
      });
    });

    it.each([
      [{ seed: "1" }, "invalid_type"],
      [{ seed: 1.5 }, "invalid_type"],
      [{ seed: Number.POSITIVE_INFINITY }, "invalid_type"],
      [{ seed: true }, "invalid_type"],
      [{ seed: -1 }, "invalid_value"],
      [{ seed: 2 ** 53 }, "invalid_value"],
      [{ negative_prompt: 5 }, "invalid_type"],
      [{ negative_prompt: ["x"] }, "invalid_type"],
      [{ negative_prompt: "\ud800" }, "invalid_value"],
    ])("refuse %j", async (unknown, code) => {
      expect(await refused({ extra: "pass" }, unknown)).toMatchObject({
        code,
        param: Object.keys(unknown)[0],
      });
    });

    it("take the largest seed", () => {
      expect(sort({ extra: "pass" }, { seed: Number.MAX_SAFE_INTEGER }).seed).toBe(Number.MAX_SAFE_INTEGER);
    });
  });

  it("shortens a name that fills a body, in warnings and errors alike", async () => {
    const name = "😀".repeat(50_000);
    const { warnings } = sort({}, { [name]: 1 });
    expect(JSON.stringify(warnings).length).toBeLessThan(500);
    const refusal = await refused({}, { [name]: 1 }, true);
    expect(JSON.stringify(refusal.body).length).toBeLessThan(500);
  });
});
