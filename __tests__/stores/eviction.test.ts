import fc from "fast-check";

import { chooseEvictions, type Holding } from "../../lib/stores/eviction";

interface Held extends Holding {
  readonly isHeld: boolean;
}

const NOW = 1_000;

const holdings = fc
  .array(
    fc.record({
      owner: fc.constantFrom("a", "b", "c"),
      bytes: fc.integer({ min: 1, max: 100 }),
      createdAt: fc.integer({ min: 0, max: 500 }),
      expiresAt: fc.integer({ min: 900, max: 1_500 }),
      isHeld: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((all): Held[] => all.map((one, nth) => ({ ...one, key: `${nth}` })));

const sum = (all: readonly Holding[]): number => all.reduce((total, { bytes }) => total + bytes, 0);

const choose = (all: readonly Held[], bytes: number) =>
  chooseEvictions(all, { bytes, now: NOW, isHeld: ({ isHeld }) => isHeld });

describe("chooseEvictions", () => {
  it("frees enough, or says that all that may go is not enough", () => {
    fc.assert(
      fc.property(holdings, fc.integer({ min: 1, max: 1_000 }), (all, bytes) => {
        const chosen = choose(all, bytes);
        const possible = sum(all.filter(({ isHeld }) => !isHeld));
        if (chosen) expect(sum(chosen)).toBeGreaterThanOrEqual(bytes);
        else expect(possible).toBeLessThan(bytes);
      }),
    );
  });

  it("never takes a held image, and every expired one before any other", () => {
    fc.assert(
      fc.property(holdings, fc.integer({ min: 1, max: 300 }), (all, bytes) => {
        const chosen = choose(all, bytes) ?? [];
        expect(chosen.filter(({ isHeld }) => isHeld)).toEqual([]);
        const expired = all.filter((one) => one.expiresAt <= NOW && !one.isHeld);
        if (chosen.length > 0) expect(chosen).toEqual(expect.arrayContaining(expired));
        const spare = chosen.at(-1);
        // Without the last one there would not be enough: none goes for nothing.
        if (spare && spare.expiresAt > NOW) expect(sum(chosen) - spare.bytes).toBeLessThan(bytes);
      }),
    );
  });

  it("takes the one written first of two written in the same millisecond", () => {
    const twin = { owner: "a", bytes: 10, createdAt: 5, expiresAt: 2_000, isHeld: false };
    const chosen = choose(
      [
        { ...twin, key: "first" },
        { ...twin, key: "second" },
      ],
      10,
    );
    expect(chosen?.map(({ key }) => key)).toEqual(["first"]);
  });
});
