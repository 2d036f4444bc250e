import type { JobQueue, Logger } from "../../ports";
import { isTerminal } from "../../ports";
import { describeError } from "../describe-error";
import type { JobOrder } from "../running/job-run";

/** What becomes of a job whose caller has left before the answer. */
export interface Departures {
  left(jobId: string): void;
  close(): void;
}

/**
 * After the grace time the job is cancelled, unless it is at work and its model's card says that stopping is of no use: then it
 * finishes into the store.
 * The grace time lets a caller that lost its connection find the job again.
 */
export function createDepartures(options: {
  readonly queue: JobQueue;
  readonly graceMs: number;
  readonly log: Logger;
  orderOf(jobId: string): JobOrder | undefined;
}): Departures {
  const { queue, log } = options;
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;

  const decide = async (jobId: string) => {
    const job = await queue.get(jobId);
    if (job === undefined || isTerminal(job)) return;
    const running = options.orderOf(jobId)?.plan.candidate.card.cancel?.running;
    const stops = job.status === "queued" || running !== "no";
    log.info({ jobId, requestId: job.requestId, cancelled: stops }, "the caller left before the answer");
    if (stops) await queue.cancel(jobId);
  };

  return {
    left(jobId) {
      if (isClosed) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        decide(jobId).catch((error: unknown) => {
          log.warn({ jobId, ...describeError(error) }, "a job whose caller left could not be cancelled");
        });
      }, options.graceMs);
      timer.unref();
      timers.add(timer);
    },
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
