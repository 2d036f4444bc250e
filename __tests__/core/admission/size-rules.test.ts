import { acceptsSize, describeSizes } from "../../../lib/core/admission/size-rules";
import type { SizeRule } from "../../../lib/ports";

const sizeOf = (text: string) => {
  const [width = 0, height = 0] = text.split("x").map(Number);
  return { width, height };
};

const grid: SizeRule = {
  kind: "grid",
  step: 16,
  min: 256,
  max: 3840,
  maxPixels: 3840 * 2160,
  minRatio: 1 / 3,
  maxRatio: 3,
};

describe("acceptsSize", () => {
  it.each<[SizeRule, string[], string[]]>([
    [{ kind: "any" }, ["1x1", "9999x1"], []],
    [
      { kind: "list", values: ["1024x1024", "1024x1536"] },
      ["1024x1024", "1024x1536"],
      ["1536x1024", "1024x1025"],
    ],
    [
      grid,
      ["256x256", "3840x2160", "2160x3840", "768x256", "256x768"],
      ["255x256", "240x256", "3856x2160", "3840x2176", "784x256", "256x784", "1000x1000"],
    ],
    [{ kind: "grid", step: 8 }, ["8x8", "16384x8"], ["12x8"]],
    [
      { kind: "ratio", values: ["1:1", "16:9"] },
      ["1000x1000", "1920x1080", "1018x1000", "1365x768"],
      ["1030x1000", "1080x1920"],
    ],
    [{ kind: "ratio", values: ["1:1"], tolerance: 0 }, ["5x5"], ["1001x1000"]],
    [{ kind: "ratio", values: ["nonsense"] }, [], ["5x5"]],
  ])("holds sizes against %j", (rule, good, bad) => {
    for (const size of good) expect([size, acceptsSize([rule], sizeOf(size))]).toEqual([size, true]);
    for (const size of bad) expect([size, acceptsSize([rule], sizeOf(size))]).toEqual([size, false]);
  });

  it("accepts what any of several rules accepts, and nothing without rules", () => {
    const rules: SizeRule[] = [
      { kind: "list", values: ["1x1"] },
      { kind: "grid", step: 64 },
    ];
    expect(acceptsSize(rules, sizeOf("1x1"))).toBe(true);
    expect(acceptsSize(rules, sizeOf("64x128"))).toBe(true);
    expect(acceptsSize(rules, sizeOf("2x2"))).toBe(false);
    expect(acceptsSize([], sizeOf("1x1"))).toBe(false);
  });
});

describe("describeSizes", () => {
  it("says each rule in words", () => {
    expect(describeSizes([{ kind: "any" }])).toBe("any size");
    expect(
      describeSizes([
        { kind: "list", values: ["1x1", "2x2"] },
        { kind: "ratio", values: ["1:1"] },
      ]),
    ).toBe("1x1, 2x2, or one of the ratios 1:1");
    expect(describeSizes([{ ...grid, minRatio: 0.5, maxRatio: 2 }])).toBe(
      "both sides multiples of 16, at least 256, at most 3840, at most 8294400 pixels, width to height from 0.5 to 2",
    );
    expect(describeSizes([{ kind: "grid", step: 8 }])).toBe("both sides multiples of 8");
    expect(describeSizes([])).toBe("auto");
  });
});
