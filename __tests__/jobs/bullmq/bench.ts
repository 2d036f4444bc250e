import { setTimeout as delay } from "node:timers/promises";
import { type BullmqJobsOptions, bullmqJobs } from "../../../lib/jobs/bullmq";
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
  const open = () => bullmqJobs({ redis: url, prefix, ...options });
  const create = ({ clock }: { readonly clock: () => number }) =>
    bullmqJobs({ redis: url, prefix, clock, ...options });
  const bench = await openAny({ create, another: open, patienceMs: 15_000 }, 1_000);
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
