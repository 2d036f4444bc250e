/** What a broken adapter breaks. */
export interface Broken {
  readonly rule: number;
  readonly how: string;
}

export type Results = ReadonlyMap<string, unknown>;

export const ruleOf = (title: string): number => Number(/^(\d+)\. /.exec(title)?.[1]);

export const failuresIn = (results: Results = new Map()): [title: string, error: unknown][] =>
  [...results].filter(([, error]) => error !== undefined);

/** Whether something broken fails the tests of other rules, too, is looked at with `LONG=1` where there is much that is broken. */
const IS_LONG = process.env["LONG"] === "1";

/**
 * Declares the tests of a suite itself: it passes what is whole, fails what is broken by its own rule alone, and has no test that
 * nothing fails.
 *
 * @param run runs the suite on one adapter: all of it, or the tests of one rule
 * @param atOnce how many are tried side by side
 */
export function testSuite<B extends Broken>(
  rules: readonly number[],
  brokenOnes: readonly B[],
  run: (broken: B | undefined, rule?: number) => Promise<Results>,
  atOnce = 1,
): void {
  let whole: Results = new Map();
  const results = new Map<B, Results>();

  beforeAll(async () => {
    whole = await run(undefined);
    const waiting = brokenOnes.values();
    const worker = async () => {
      for (const each of waiting) results.set(each, await run(each, IS_LONG ? undefined : each.rule));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }, 120_000);

  it("passes what keeps all rules, and leaves no rule out", () => {
    expect(failuresIn(whole)).toEqual([]);
    expect(new Set([...whole.keys()].map(ruleOf))).toEqual(new Set(rules));
  });

  it.each(brokenOnes)("catches by rule $rule alone that $how", (each) => {
    const failures = failuresIn(results.get(each));
    expect(failures.filter(([title]) => ruleOf(title) !== each.rule)).toEqual([]);
    expect(failures).not.toEqual([]);
  });

  it("has no test that everything broken passes", () => {
    const caught = new Set([...results.values()].flatMap(failuresIn).map(([title]) => title));
    expect([...whole.keys()].filter((title) => !caught.has(title))).toEqual([]);
  });
}
