import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { bullmqJobs } from "../../lib/jobs/bullmq";
import type { JobQueue } from "../../lib/ports";
import { isTerminal } from "../../lib/ports";
import { signalled } from "../support/gate";
import { describeWithRedis } from "../support/redis";
import { COMPLETED, newJob } from "./memory/bench";

const JOBS = 1_000;
const GROWTH_BYTES = 4 * 1_048_576;
const LIMITS = { limits: { running: JOBS, queued: JOBS }, startBy: Number.MAX_SAFE_INTEGER };

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

function testDrain(open: () => JobQueue): void {
  it(`${JOBS} jobs that wait drain, each once, and the heap does not grow with them`, async () => {
    const queue = open();
    await queue.ready?.();
    const jobs = Array.from({ length: JOBS }, (_, index) => newJob({ limitKey: `key-${index % 10}` }));
    const ended = new Map<string, number>();
    const heaps: number[] = [];
    const all = signalled();
    await Promise.all(jobs.map((job) => queue.submit(job, LIMITS)));
    queue.watch((job) => {
      if (!isTerminal(job)) return;
      ended.set(job.id, (ended.get(job.id) ?? 0) + 1);
      if (ended.size % 100 === 0) heaps.push(heap());
      if (ended.size === JOBS) all.resolve();
    });
    queue.work(async ({ job }) => void (await queue.settle(job.id, COMPLETED)));
    await all.promise;
    await queue.close({ timeoutMs: 5_000 });
    expect([...ended.values()].filter((times) => times !== 1)).toEqual([]);
    const [first = 0, ...later] = heaps;
    expect(Math.max(...later) - first).toBeLessThan(GROWTH_BYTES);
  }, 90_000);
}

describe("in memory", () => testDrain(() => memoryJobs({ maxRunning: 4 })));

describeWithRedis("over Redis", (redis) => testDrain(() => bullmqJobs({ redis: redis().url })));
