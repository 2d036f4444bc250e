import type { TestRunner } from "../../lib/testing/image-store";

/** Runs a conformance suite as a test runner would, and keeps the results: title → error, or `undefined` when it passed. */
export async function record(declare: (runner: TestRunner) => void): Promise<Map<string, unknown>> {
  const tests: { title: string; body: () => Promise<void> }[] = [];
  declare({
    describe: (_title, body) => body(),
    it: (title, body) => tests.push({ title, body }),
  });
  const results = await Promise.allSettled(tests.map(({ body }) => body()));
  return new Map(
    tests.map(({ title }, nth) => {
      const result = results[nth];
      return [title, result?.status === "rejected" ? result.reason : undefined];
    }),
  );
}
