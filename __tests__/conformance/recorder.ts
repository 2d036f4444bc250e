import type { TestRunner } from "../../lib/testing/test-runner";

/**
 * Runs a conformance suite as a test runner would, and keeps the results: title → error, or `undefined` when it passed.
 *
 * @param atOnce how many of its tests run side by side; by default all
 * @param isWanted which of them run at all
 */
export async function record(
  declare: (runner: TestRunner) => void,
  atOnce = Number.POSITIVE_INFINITY,
  isWanted: (title: string) => boolean = () => true,
): Promise<Map<string, unknown>> {
  const tests: { readonly title: string; readonly body: () => Promise<void> }[] = [];
  declare({
    describe: (_title, body) => body(),
    it: (title, body) => isWanted(title) && tests.push({ title, body }),
  });
  const results = new Map<string, unknown>(tests.map(({ title }) => [title, undefined]));
  const waiting = tests.values();
  const worker = async () => {
    for (const { title, body } of waiting) await body().catch((error: unknown) => results.set(title, error));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tests.length) }, worker));
  return results;
}
