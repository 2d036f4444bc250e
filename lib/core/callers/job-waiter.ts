import type { JobQueue, JobRecord } from "../../ports";

import { GatewayError, isTerminal } from "../../ports";

/** Lets callers wait for the end of jobs, with one listener on the queue for all of them. */
export interface JobWaiter {
  /** @throws the signal's reason when the caller gave up; GatewayError `job_not_found` when there is nothing to wait for */
  ended(jobId: string, signal: AbortSignal): Promise<JobRecord>;
  close(): void;
}

export function createJobWaiter(queue: JobQueue): JobWaiter {
  const waiting = new Map<string, Set<(job: JobRecord) => void>>();
  const stop = queue.watch((job) => {
    if (!isTerminal(job)) return;
    for (const resolve of waiting.get(job.id) ?? []) resolve(job);
  });

  return {
    async ended(jobId, signal) {
      const waiters = waiting.get(jobId) ?? new Set();
      waiting.set(jobId, waiters);
      let resolve: (job: JobRecord) => void = () => {};
      let onAbort = () => {};
      try {
        return await new Promise<JobRecord>((fulfil, reject) => {
          resolve = fulfil;
          onAbort = () => reject(signal.reason);
          waiters.add(resolve);
          if (signal.aborted) onAbort();
          signal.addEventListener("abort", onAbort, { once: true });
          // It may have ended before we listened.
          queue.get(jobId).then((job) => {
            if (job === undefined) reject(new GatewayError("job_not_found", "This job is no longer kept."));
            else if (isTerminal(job)) fulfil(job);
          }, reject);
        });
      } finally {
        signal.removeEventListener("abort", onAbort);
        waiters.delete(resolve);
        if (waiters.size === 0) waiting.delete(jobId);
      }
    },
    close: stop,
  };
}
