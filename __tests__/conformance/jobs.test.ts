import { memoryJobs } from "express-image-gateway/jobs/memory";
import type { Clock, JobQueue } from "../../lib/ports";
import { testJobQueue } from "../../lib/testing/job-queue";
import { closeBrokenQueues } from "./broken-jobs/broken";
import { brokenEnds } from "./broken-jobs/ends";
import { brokenNotices } from "./broken-jobs/notices";
import { brokenRecords } from "./broken-jobs/records";
import { brokenReuse } from "./broken-jobs/reuse";
import { brokenTurns } from "./broken-jobs/turns";

const brokenQueues = [...brokenEnds, ...brokenTurns, ...brokenRecords, ...brokenReuse, ...brokenNotices].sort(
  (a, b) => a.rule - b.rule,
);

type Create = (given: { readonly clock: Clock; readonly maxQueued: number }) => JobQueue;

testJobQueue({ describe, it }, { create: memoryJobs });

/** Whether a broken queue fails the tests of other rules, too, is looked at with `LONG=1`: it takes a machine with nothing else to do. */
const IS_LONG = process.env["LONG"] === "1";

/** Runs the suite on a queue, whatever comes of it: all of it, or the tests of one rule. */
async function titlesByResult(create: Create, rule?: number) {
  const isWanted = (title: string) => rule === undefined || title.startsWith(`${rule}. `);
  const tests: { readonly title: string; readonly body: () => Promise<void> }[] = [];
  testJobQueue(
    {
      describe: (_name, body) => body(),
      it: (title, body) => isWanted(title) && tests.push({ title, body }),
    },
    { create, patienceMs: rule === undefined ? 5_000 : 500 },
  );
  const results = await Promise.allSettled(tests.map(({ body }) => body()));
  const titles = tests.map(({ title }) => title);
  return { titles, failed: titles.filter((_, index) => results[index]?.status === "rejected") };
}

describe("the suite for job queues", () => {
  const missed = new Set<string>();

  beforeAll(async () => {
    const { titles, failed } = await titlesByResult(memoryJobs);
    expect(failed).toEqual([]);
    for (const title of titles) missed.add(title);
  });

  afterAll(closeBrokenQueues);

  it.each(brokenQueues)("catches by rule $rule alone that $how", async ({ rule, create }) => {
    const { failed } = await titlesByResult(create, IS_LONG ? undefined : rule);
    expect(failed).not.toEqual([]);
    expect(failed.filter((title) => !title.startsWith(`${rule}. `))).toEqual([]);
    for (const title of failed) missed.delete(title);
  });

  it("has no test that every broken queue passes", () => {
    expect([...missed]).toEqual([]);
  });
});
