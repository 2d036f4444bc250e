import { readChoices } from "../../../../lib/providers/automatic1111/server/choices";

describe("choices", () => {
  it("are known by name, label and alias, in any case", () => {
    const choices = readChoices([
      { name: "Euler a", aliases: ["k_euler_a"], options: {} },
      { name: "sgm_uniform", label: "SGM Uniform", aliases: null },
    ]);
    expect(choices?.names).toEqual(["Euler a", "sgm_uniform"]);
    expect(choices?.spellings.get("k_euler_a")).toBe("Euler a");
    expect(choices?.spellings.get("euler a")).toBe("Euler a");
    expect(choices?.spellings.get("sgm uniform")).toBe("sgm_uniform");
  });

  it("do not lose a name to another's alias", () => {
    const choices = readChoices([{ name: "euler" }, { name: "other", aliases: ["Euler"] }]);
    expect(choices?.spellings.get("euler")).toBe("euler");
  });

  it.each([[undefined], [[]], [{ name: "a" }], [[null, 5, { name: "" }, { aliases: ["a"] }]]])(
    "are none in %j",
    (json) => {
      expect(readChoices(json)).toBeUndefined();
    },
  );
});
