import type { Stopping } from "../../internal/stop";
import type { JobQueue, JobRecord } from "../../ports";
import { GatewayError, isTerminal } from "../../ports";

/**
 * Waits for the end of a job, in whichever process it runs.
 *
 * @throws the signal's reason when the caller gave up; GatewayError `job_not_found` when there is nothing to wait for
 */
export async function waitForEnd(
  queue: Pick<JobQueue, "get" | "follow">,
  jobId: string,
  signal: Stopping,
): Promise<JobRecord> {
  let stop = () => {};
  let onAbort = () => {};
  let isOver = false;
  try {
    return await new Promise<JobRecord>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      const listen = async () => {
        stop = await queue.follow(jobId, (job) => {
          if (!isTerminal(job)) return;
          isOver = true;
          resolve(job);
        });
        if (isOver) {
          stop();
          return;
        }
        // It may have ended before we listened.
        const job = await queue.get(jobId);
        if (isOver) return;
        if (job === undefined) throw new GatewayError("job_not_found", "This job is no longer kept.");
        if (isTerminal(job)) resolve(job);
      };
      listen().catch(reject);
    });
  } finally {
    isOver = true;
    signal.removeEventListener("abort", onAbort);
    stop();
  }
}

/**
 * The job at its end, or as it stands when so much time has passed.
 *
 * @throws what {@link waitForEnd} throws
 */
export async function waitAWhile(
  queue: Pick<JobQueue, "get" | "follow">,
  jobId: string,
  ms: number,
  signal: AbortSignal,
): Promise<JobRecord> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ms);
  try {
    return await waitForEnd(queue, jobId, AbortSignal.any([signal, patience.signal]));
  } catch (error) {
    signal.throwIfAborted();
    const job = patience.signal.aborted ? await queue.get(jobId) : undefined;
    if (job === undefined) throw error;
    return job;
  } finally {
    clearTimeout(timer);
  }
}
