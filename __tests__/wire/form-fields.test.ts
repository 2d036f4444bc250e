import fc from "fast-check";

import { commonFields } from "../../lib/wire/common-fields";
import { fieldValue } from "../../lib/wire/form-fields";

const properties = commonFields({ images: 10 });
const value = (name: string, text: string) => fieldValue(properties, name, text);

describe("a field that OpenAI knows", () => {
  it.each([
    ["n", "2", 2],
    ["n", "0", 0],
    ["n", "-3", -3],
    ["partial_images", "1", 1],
    ["output_compression", "100", 100],
    ["stream", "true", true],
    ["stream", "false", false],
    ["stream", "True", true],
    ["size", "1024x1024", "1024x1024"],
    ["user", "17", "17"],
    ["quality", "true", "true"],
  ])("%s=%s is of its own type", (name, text, expected) => {
    expect(value(name, text)).toBe(expected);
  });

  it.each([
    ["n", "two"],
    ["n", "2.0"],
    ["n", "2e0"],
    ["n", "0x2"],
    ["n", " 2"],
    ["n", "+2"],
    ["n", "02"],
    ["n", "-0"],
    ["n", ""],
    ["n", "null"],
    ["n", "9".repeat(16)],
    ["stream", "1"],
    ["stream", "yes"],
    ["stream", ""],
  ])("%s=%j stays text, which the schema refuses", (name, text) => {
    expect(value(name, text)).toBe(text);
  });
});

describe("a field that OpenAI does not know", () => {
  it.each([
    ["seed", "7", 7],
    ["steps", "-1", -1],
    ["guidance", "7.5", 7.5],
    ["guidance", "1e3", 1000],
    ["tiling", "true", true],
    ["tiling", "False", false],
    ["sampler", "Euler a", "Euler a"],
    ["sampler", "", ""],
    ["sampler", "NaN", "NaN"],
    ["sampler", "Infinity", "Infinity"],
    ["sampler", "1e999", "1e999"],
    ["sampler", "0x10", "0x10"],
    ["sampler", "007", "007"],
    ["seed", "9007199254740993", "9007199254740993"],
    ["__proto__", "1", 1],
    ["constructor", "x", "x"],
  ])("%s=%s is what it looks like", (name, text, expected) => {
    expect(value(name, text)).toBe(expected);
  });

  it.each(["7", "true", "cats"])("is words where it is a negative prompt: %s", (text) => {
    expect(value("negative_prompt", text)).toBe(text);
  });

  it("never becomes a number that reads differently in JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.bigInt(), fc.string()), (drawn) => {
        const text = String(drawn);
        const made = value("any", text);
        if (typeof made === "number") expect(JSON.parse(text)).toBe(made);
        else if (typeof made === "boolean") expect(String(made)).toBe(text.toLowerCase());
        else expect(made).toBe(text);
      }),
    );
  });
});
