import { memoryJobs } from "express-image-gateway/jobs/memory";
import type { Clock, JobListener, JobQueue, JobRecord } from "../../../lib/ports";

interface Given {
  readonly clock: Clock;
  readonly maxQueued: number;
}

/** A queue that breaks one rule, and one only. */
export interface BrokenQueue {
  readonly rule: number;
  readonly how: string;
  readonly create: (given: Given) => JobQueue;
}

const whole: JobQueue[] = [];

/** Closes what a broken `close` may have left open. */
export async function closeBrokenQueues(): Promise<void> {
  await Promise.all(whole.map((queue) => queue.close({ timeoutMs: 0 })));
}

export const broken = (
  rule: number,
  how: string,
  spoil: (queue: JobQueue) => Partial<JobQueue>,
): BrokenQueue => ({
  rule,
  how,
  create: (given) => {
    const queue = memoryJobs(given);
    whole.push(queue);
    return { ...queue, ...spoil(queue) };
  },
});

/** Shows listeners something else than what happened. */
export const retold = (
  queue: JobQueue,
  retell: (job: JobRecord, tell: JobListener) => void,
): JobQueue["watch"] => {
  return (listener) => queue.watch((job) => retell(job, listener));
};
