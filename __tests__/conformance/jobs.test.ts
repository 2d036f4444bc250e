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

/** Runs the suite on a queue, whatever comes of it. */
async function titlesByResult(create: Create) {
  const tests: { readonly title: string; readonly body: () => Promise<void> }[] = [];
  testJobQueue(
    { describe: (_name, body) => body(), it: (title, body) => tests.push({ title, body }) },
    { create, patienceMs: 500 },
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
    const { failed } = await titlesByResult(create);
    expect(failed).not.toEqual([]);
    expect(failed.filter((title) => !title.startsWith(`${rule}. `))).toEqual([]);
    for (const title of failed) missed.delete(title);
  });

  it("has no test that every broken queue passes", () => {
    expect([...missed]).toEqual([]);
  });
});
