import { type SizeInput, sizeNames, sizeRule, sizeValues } from "../../../lib/providers/hosted/size-input";

const sides: SizeInput = {
  as: "sides",
  width: "width",
  height: "height",
  grid: { step: 32, min: 256, max: 1440 },
  also: { aspect_ratio: "custom" },
};
const object: SizeInput = { as: "object", name: "image_size", grid: { step: 16, max: 2048 } };
const ratio: SizeInput = { as: "ratio", name: "aspect_ratio", values: ["1:1", "16:9", "3:2", "2:3", "9:16"] };
const text: SizeInput = { as: "text", name: "size", values: ["1024x1024", "1365x1024"] };

describe("a size of a hosted model", () => {
  it.each<[SizeInput, object]>([
    [sides, { aspect_ratio: "custom", width: 1344, height: 768 }],
    [object, { image_size: { width: 1344, height: 768 } }],
    [text, { size: "1344x768" }],
  ])("is sent as %j", (input, values) => {
    expect(sizeValues(input, { width: 1344, height: 768 })).toEqual(values);
    expect(Object.keys(values).sort()).toEqual([...sizeNames(input)].sort());
  });

  it.each([
    [1024, 1024, "1:1"],
    [1792, 1024, "16:9"],
    [1536, 1024, "3:2"],
    [1024, 1536, "2:3"],
    [720, 1280, "9:16"],
    [4000, 100, "16:9"],
  ])("of %i by %i is the nearest ratio, %s", (width, height, value) => {
    expect(sizeValues(ratio, { width, height })).toEqual({ aspect_ratio: value });
  });

  it("is promised by the card as the model takes it", () => {
    expect(sizeRule(sides)).toEqual({ kind: "grid", step: 32, min: 256, max: 1440, auto: true });
    expect(sizeRule(object)).toEqual({ kind: "grid", step: 16, max: 2048, auto: true });
    expect(sizeRule(ratio)).toEqual({
      kind: "ratio",
      values: ["1:1", "16:9", "3:2", "2:3", "9:16"],
      auto: true,
    });
    expect(sizeRule(text)).toEqual({ kind: "list", values: ["1024x1024", "1365x1024"], auto: true });
  });

  it("cannot be chosen where nothing takes it", () => {
    expect(sizeRule(undefined)).toEqual({ kind: "list", values: [], auto: true });
  });
});
