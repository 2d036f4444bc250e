import { Random } from "../../../../lib/providers/demo/paint/random";

const first = (random: Random, count = 200) => Array.from({ length: count }, () => random.next());

describe("a seeded stream of numbers", () => {
  it("repeats itself for the same text and not for another", () => {
    expect(first(new Random("a"))).toEqual(first(new Random("a")));
    expect(first(new Random("a"))).not.toEqual(first(new Random("b")));
  });

  it("stays in 0 … 1 and is spread evenly", () => {
    const numbers = first(new Random("spread"), 20_000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((value) => Math.floor(value * 10) === tenth).length / numbers.length;
      expect(share).toBeCloseTo(0.1, 1);
    }
  });

  it("has forks that do not depend on how much was drawn before", () => {
    const used = new Random("a");
    first(used);
    expect(first(used.fork("x"))).toEqual(first(new Random("a").fork("x")));
    expect(first(used.fork("x"))).not.toEqual(first(used.fork("y")));
  });

  it("picks every one of several", () => {
    const random = new Random("pick");
    expect(new Set(Array.from({ length: 100 }, () => random.pick("a", "b", "c")))).toEqual(
      new Set(["a", "b", "c"]),
    );
  });
});
