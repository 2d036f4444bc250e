import { testAmounts } from "./provider/amounts";
import { type Declare, onBench } from "./provider/bench";
import { testBounds } from "./provider/bounds";
import { testFailures } from "./provider/failures";
import { testHandles } from "./provider/handles";
import { testInputs } from "./provider/inputs";
import { testManners } from "./provider/manners";
import { testNeighbours } from "./provider/neighbours";
import { testReports } from "./provider/reports";
import { testSecrecy } from "./provider/secrecy";
import { testStopping } from "./provider/stopping";
import type { ProviderSubject, ScriptedUpstream } from "./provider/subject";
import type { TestRunner } from "./test-runner";

export type {
  ProviderSubject,
  ProviderUnderTest,
  ScriptedUpstream,
  UpstreamFailure,
} from "./provider/subject";

/**
 * Proves that a provider keeps the rules of {@link ImageProvider}. Each title begins with the number of its rule. What a test
 * asks for follows from the model card: who promises no previews must only not send any.
 *
 * @param runner the two functions of a test runner, such as those of Jest or `node:test`
 * @example
 * ```ts
 * import { describe, it } from "node:test";
 * import { demo } from "express-image-gateway/providers/demo";
 * import { testProvider } from "express-image-gateway/testing";
 *
 * testProvider({ describe, it }, { create: () => ({ provider: demo({ stepMs: 0 }) }) });
 * ```
 * @example With an upstream that the author plays, which is what most rules are about:
 * ```ts
 * testProvider({ describe, it }, {
 *   upstream: startFakeStudio,
 *   create: (upstream) => ({ provider: studio({ url: upstream.url, apiKey: "sk-secret" }) }),
 * });
 * ```
 */
export function testProvider<U extends ScriptedUpstream>(
  { describe, it }: TestRunner,
  subject: ProviderSubject<U>,
): void {
  const declare: Declare = {
    always(title, body) {
      it(title, () => onBench(subject, body));
    },
    withUpstream(title, body) {
      if (subject.upstream === undefined) return;
      it(title, () =>
        onBench(subject, async (bench, upstream) => {
          if (upstream !== undefined) await body(bench, upstream);
        }),
      );
    },
  };
  describe("the rules of an image provider", () => {
    testAmounts(declare);
    testFailures(declare);
    testStopping(declare);
    testReports(declare);
    testNeighbours(declare);
    testSecrecy(declare);
    testManners(declare);
    testBounds(declare);
    testHandles(declare);
    testInputs(declare);
  });
}
