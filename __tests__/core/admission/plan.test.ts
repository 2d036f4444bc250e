import fc from "fast-check";

import { callsOf, planJob } from "../../../lib/core/admission/plan";
import type { ModelCard, TaskFields } from "../../../lib/ports";
import { scriptedProvider } from "../../support/scripted-provider";
import { candidate } from "../bench";

const provider = scriptedProvider();
const plan = (card: Partial<ModelCard>, more: Partial<TaskFields> = {}) => {
  const fields: TaskFields = {
    model: "m",
    prompt: "p",
    n: 1,
    deliver: "any",
    extra: Object.create(null),
    ...more,
  };
  const planned = planJob(candidate(provider, card), fields, { keeps: true, limitMs: 1 });
  const request = { op: "generate", model: "m", prompt: "p", n: fields.n, unknown: {} } as const;
  // As it comes back from where jobs are kept.
  return { planned, calls: callsOf({ plan: JSON.parse(JSON.stringify(planned)), request }) };
};
const seedsOf = ({ calls }: ReturnType<typeof plan>) => calls.map(({ fields }) => fields.seed);

const MAX = Number.MAX_SAFE_INTEGER;

describe("planJob", () => {
  it("splits n by what one call can make, first images first", () => {
    const { calls } = plan({ limits: { n: 4 } }, { n: 10 });
    expect(calls.map(({ index, firstImage, fields }) => [index, firstImage, fields.n])).toEqual([
      [0, 0, 4],
      [1, 4, 4],
      [2, 8, 2],
    ]);
  });

  it("makes one call where the card says nothing, and never one of no images", () => {
    expect(plan({}, { n: 10 }).calls).toHaveLength(1);
    expect(plan({ limits: { n: 0 } }, { n: 2 }).calls.map(({ fields }) => fields.n)).toEqual([1, 1]);
  });

  it("makes two calls at the same time unless the card says otherwise", () => {
    expect(plan({}).planned.concurrency).toBe(2);
    expect(plan({ limits: { concurrent: 5 } }).planned.concurrency).toBe(5);
    expect(plan({ limits: { concurrent: 0 } }).planned.concurrency).toBe(1);
  });

  it("gives the calls of a split seeds that differ, also when the caller gave one", () => {
    expect(new Set(seedsOf(plan({ limits: { n: 1 } }, { n: 10 }))).size).toBe(10);
    expect(seedsOf(plan({ limits: { n: 2 } }, { n: 5, seed: 7 }))).toEqual([7, 9, 11]);
    expect(seedsOf(plan({ limits: { n: 1 } }, { n: 2, seed: 0 }))).toEqual([0, 1]);
  });

  it("makes up no seed for one call, nor for a model that takes none", () => {
    expect(seedsOf(plan({}, { n: 4 }))).toEqual([undefined]);
    expect(seedsOf(plan({ limits: { n: 1 }, params: { seed: false } }, { n: 2 }))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("leaves the caller's own seed as it is, the largest included", () => {
    expect(seedsOf(plan({}, { seed: MAX }))).toEqual([MAX]);
    expect(seedsOf(plan({}, { seed: 0 }))).toEqual([0]);
  });

  it("wraps from the largest seed to 0", () => {
    expect(seedsOf(plan({ limits: { n: 1 } }, { n: 4, seed: MAX - 1 }))).toEqual([MAX - 1, MAX, 0, 1]);
  });

  it("covers every image once with seeds that are safe and differ", () => {
    const near = fc.integer({ min: 0, max: 20 }).map((below) => MAX - below);
    const any = fc.record({
      n: fc.integer({ min: 1, max: 10 }),
      perCall: fc.integer({ min: 1, max: 12 }),
      seed: fc.oneof(near, fc.maxSafeNat()),
    });
    fc.assert(
      fc.property(any, ({ n, perCall, seed }) => {
        const planned = plan({ limits: { n: perCall } }, { n, seed });
        const covered = planned.calls.flatMap(({ firstImage, fields }) =>
          Array.from({ length: fields.n }, (_, index) => firstImage + index),
        );
        expect(covered).toEqual(Array.from({ length: n }, (_, index) => index));
        const seeds = seedsOf(planned);
        expect(seeds[0]).toBe(seed);
        expect(seeds.every((each) => Number.isSafeInteger(each) && (each ?? -1) >= 0)).toBe(true);
        expect(new Set(seeds).size).toBe(seeds.length);
      }),
    );
  });
});
