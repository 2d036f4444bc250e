import type { Test } from "./job-queue/bench";
import { openBench } from "./job-queue/bench";
import { testEnds, testOwnEnds } from "./job-queue/ends";
import { testNews } from "./job-queue/news";
import { testNotices } from "./job-queue/notices";
import { testRecords } from "./job-queue/records";
import { testReuse } from "./job-queue/reuse";
import { testShared } from "./job-queue/shared";
import type { JobQueueSuite } from "./job-queue/suite";
import { MAX_QUEUED, testTurns } from "./job-queue/turns";
import type { TestRunner } from "./test-runner";

export type { JobQueueSuite };

/**
 * Declares the tests that every job queue passes; each is named after the rule of `JobQueue` that it proves.
 *
 * @param runner the two functions of a test runner, such as those of Jest or node:test
 * @example
 * ```ts
 * import { describe, it } from "node:test";
 * import { memoryJobs } from "express-image-gateway/jobs/memory";
 * import { testJobQueue } from "express-image-gateway/testing";
 *
 * testJobQueue({ describe, it }, { create: ({ clock, maxQueued }) => memoryJobs({ clock, maxQueued }) });
 * ```
 */
export function testJobQueue({ describe, it }: TestRunner, suite: JobQueueSuite): void {
  const test: Test = (title, body) => {
    it(title, async () => {
      const bench = await openBench(suite, MAX_QUEUED);
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    });
  };
  describe("a job queue", () => {
    testEnds(test);
    testTurns(test);
    testNews(test);
    testRecords(test);
    testReuse(test);
    testNotices(test);
    if (suite.another === undefined) testOwnEnds(test);
    else testShared(test);
  });
}
