import { subjectOf } from "../../../lib/providers/demo/subject";

const read = (prompt: string, style?: string) => subjectOf(prompt, style, 1);

describe("reading a prompt", () => {
  it.each([
    ["A mountain lake at sunrise", "landscape", "sunrise"],
    ["CITY skyline, night", "city", "night"],
    ["two ships on the ocean at dusk", "sea", "sunset"],
    ["a path through autumn woods", "forest", "autumn"],
    ["planets of a far galaxy", "space", "cosmos"],
    ["kittens in the snow", "cat", "winter"],
    ["dunes under a stormy sky", "desert", "storm"],
    ["geometric pattern, neon", "tiles", "neon"],
  ])("finds in '%s' the scene %s and the light %s", (prompt, scene, palette) => {
    expect(read(prompt)).toMatchObject({ scene, palette });
  });

  it("takes the scene that most words speak of, and of two the first", () => {
    expect(read("a boat and a sail near the mountain").scene).toBe("sea");
    expect(read("a cat in the forest").scene).toBe("cat");
  });

  it("does not find words inside other words", () => {
    expect(["silk", "paper", "tiles"]).toContain(read("education, concatenate").scene);
  });

  it("falls back to something abstract, the same each time", () => {
    expect(["silk", "paper", "tiles"]).toContain(read("").scene);
    expect(read("東京の夜 🌸")).toEqual(read("東京の夜 🌸"));
  });

  it("gives natural less colour and vivid more, and leaves other styles alone", () => {
    const chroma = (style?: string) => read("a cat", style).tone.chroma;
    expect(chroma("natural")).toBeLessThan(chroma());
    expect(chroma("vivid")).toBeGreaterThan(chroma());
    expect(chroma("constructor")).toBe(chroma());
  });

  it("lightens watercolours and takes the colour out of sketches", () => {
    expect(read("watercolor of a lake").tone.lift).toBeGreaterThan(0);
    expect(read("pencil sketch of a lake").tone.chroma).toBeLessThan(0.1);
  });
});
