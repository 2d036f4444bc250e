import { memoryJobs } from "express-image-gateway/jobs/memory";
import { bullmqJobs } from "../../lib/jobs/bullmq";
import type { JobQueue } from "../../lib/ports";
import { type Bench, openBench } from "../../lib/testing/job-queue/bench";
import { describeWithRedis } from "../support/redis";

const SLOTS = 4;
const FLOOD = 60;
const LIMITS = { running: 100, queued: 100 };

/** Work in which all jobs take equally long: what is at work ends at the same time, and the next begin. */
function inStep(bench: Bench) {
  const finished = new Set<string>();
  const atWork = () => bench.claims.filter(({ job }) => !finished.has(job.id));
  let submitted = 0;
  const areBusy = () => atWork().length >= Math.min(SLOTS, submitted - finished.size) || undefined;
  return {
    async submit(limitKey: string) {
      submitted += 1;
      return bench.submit({ limitKey, limits: LIMITS });
    },
    begun: () => bench.until("the first jobs", areBusy),
    async jobTime() {
      for (const { job } of atWork()) {
        finished.add(job.id);
        await bench.finish(job.id);
      }
      await bench.until("the next jobs", areBusy);
    },
    isBegun: (id: string) => bench.claims.some(({ job }) => job.id === id),
  };
}

function testFairness(open: (clock: () => number) => JobQueue): void {
  it("a modest principal waits two job times at most behind one that floods, and knows its place", async () => {
    const create = ({ clock }: { readonly clock: () => number }) => open(clock);
    const bench = await openBench({ create, patienceMs: 15_000 }, 1_000);
    try {
      const work = inStep(bench);
      bench.work();
      const flood: string[] = [];
      for (let index = 0; index < FLOOD; index++) flood.push((await work.submit("flood")).id);
      await work.begun();
      const waited: number[] = [];
      for (let round = 0; round < 4; round++) {
        const { id } = await work.submit("modest");
        expect((await bench.queue.get(id))?.queuePosition ?? 0).toBeLessThanOrEqual(2);
        let times = 0;
        for (; !work.isBegun(id); times++) await work.jobTime();
        waited.push(times);
      }
      expect(Math.max(...waited)).toBeLessThanOrEqual(2);
      const last = await bench.queue.get(flood.at(-1) ?? "");
      expect(last?.queuePosition).toBeGreaterThan(FLOOD / 2);
    } finally {
      await bench.close();
    }
  });
}

describe("in memory", () => {
  testFairness((clock) => memoryJobs({ clock, maxRunning: SLOTS }));
});

describeWithRedis("over Redis", (redis) => {
  testFairness((clock) => bullmqJobs({ redis: redis().url, clock, concurrency: SLOTS }));
});
