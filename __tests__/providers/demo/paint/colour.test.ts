import { channels, mix, ramp, tuned } from "../../../../lib/providers/demo/paint/colour";

describe("colours", () => {
  it.each(["#000000", "#ffffff", "#0b0d14", "#ff8f4d", "#00e5ff", "#123456"])(
    "come back as they were: %s",
    (colour) => {
      expect(mix(colour, "#808080", 0)).toBe(colour);
      expect(tuned(colour, {})).toBe(colour);
    },
  );

  it("mix to the eye's middle, not to mud", () => {
    const [red, green, blue] = channels(mix("#0000ff", "#ffffff", 0.5));
    expect(blue).toBe(255);
    expect(Math.min(red, green)).toBeGreaterThan(90);
  });

  it("become grey without chroma and white when lifted all the way", () => {
    const [red, green, blue] = channels(tuned("#c0392b", { chroma: 0 }));
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(1);
    expect(tuned("#204060", { chroma: 0, lift: 1 })).toBe("#ffffff");
  });

  it("run through all that a ramp is made of", () => {
    const colours = ramp(["#ff0000", "#00ff00", "#0000ff"], 5);
    expect([colours[0], colours[2], colours[4]]).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
  });
});
