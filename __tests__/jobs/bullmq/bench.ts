import { setTimeout as delay } from "node:timers/promises";
import { type BullmqJobsOptions, bullmqJobs } from "../../../lib/jobs/bullmq";
import type { JobQueue, JobRecord } from "../../../lib/ports";
import { isTerminal } from "../../../lib/ports";
import { type Bench, openBench as openAny } from "../../../lib/testing/job-queue/bench";

let count = 0;
const benches: Bench[] = [];

/** A queue of its own over Redis, and with `another` a second process of it. */
export interface RedisBench extends Bench {
  readonly prefix: string;
  /** The name of a key of ours. */
  key(name: string): string;
}

export async function openBench(url: string, options: Partial<BullmqJobsOptions> = {}): Promise<RedisBench> {
  count += 1;
  const prefix = `bench-${count}`;
  const create = ({ clock }: { readonly clock: () => number }) =>
    bullmqJobs({ redis: url, prefix, clock, ...options });
  const suite = { create, another: (_queue: JobQueue, given: Parameters<typeof create>[0]) => create(given) };
  const bench = await openAny({ ...suite, patienceMs: 15_000 }, 1_000);
  benches.push(bench);
  return Object.assign(bench, { prefix, key: (name: string) => `{${prefix}}:${name}` });
}

/** For after each test, also one that failed: an open connection keeps the process alive. */
export async function closeBenches(): Promise<void> {
  await Promise.all(benches.splice(0).map((bench) => bench.close()));
}

/** Looks again and again, for what nobody tells of. */
export async function eventually(probe: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 15_000;
  while (!(await probe())) {
    if (performance.now() > until) throw new Error("waited in vain");
    await delay(20);
  }
}

/** The end of a job, wherever it runs. */
export function endOf(bench: Bench, id: string): Promise<JobRecord> {
  return new Promise((resolve, reject) => {
    const hear = (job: JobRecord) => {
      if (isTerminal(job)) resolve(job);
    };
    Promise.resolve(bench.queue.follow(id, hear)).then(async () => {
      const job = await bench.queue.get(id);
      if (job !== undefined) hear(job);
    }, reject);
  });
}
