import type { JobPlan, JobQueue, JobRecord, Logger, ModelCard, Op, Principal } from "../../ports";
import { isTerminal } from "../../ports";
import { fingerprintOf } from "../admission/fingerprint";
import { describeError } from "../describe-error";
import type { Caller } from "./caller";

export interface DepartureOptions {
  readonly queue: JobQueue;
  /** In which the caller may come back. */
  readonly graceMs: number;
  /** What the host wants for a kind of request; a model's card knows better. */
  readonly onDisconnect: Readonly<Partial<Record<Op, "cancel" | "finish">>>;
  readonly log: Logger;
}

/** What becomes of a job whose caller has left before the answer. */
export interface Departures {
  /** What is said of it beforehand, if anything is. */
  wishFor(card: ModelCard, op: Op): Pick<JobPlan, "onDisconnect">;
  left<P extends Principal>(job: JobRecord, caller: Caller<P>): void;
  close(): void;
}

/**
 * A job that nobody waits for any more is an orphan, which a retry of its request may adopt. When none has within the grace time it is
 * cancelled, unless it is to finish, or is at work and its card says that stopping is of no use.
 *
 * One with a key of its caller's is neither: the caller has said that they will come back.
 */
export function createDepartures({ queue, graceMs, onDisconnect, log }: DepartureOptions): Departures {
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;

  /** @param leftAt a caller that has adopted it since, and has left as well, has a grace time of its own */
  const decide = async (jobId: string, leftAt: number | undefined) => {
    const job = await queue.get(jobId);
    if (job?.abandonedAt === undefined || job.abandonedAt !== leftAt || isTerminal(job)) return;
    const stops = job.status === "queued" || job.plan.card.cancel?.running !== "no";
    // A retry may adopt it at this very moment.
    if (stops && (await queue.cancel(jobId, { ifOrphan: true })) === undefined) return;
    log.info({ jobId, requestId: job.requestId, cancelled: stops }, "the caller left before the answer");
  };
  const failed = (jobId: string) => (error: unknown) =>
    log.warn({ jobId, ...describeError(error) }, "a job whose caller left could not be dealt with");

  return {
    wishFor(card, op) {
      const wish = card.onDisconnect ?? onDisconnect[op];
      return wish === undefined ? {} : { onDisconnect: wish };
    },
    left({ id, idempotencyKey, fingerprint, request, plan }, caller) {
      if (isClosed || idempotencyKey !== undefined) return;
      // All anonymous callers look alike: none may be given the work of another.
      const orphanOf = caller.anonymous ? id : (fingerprint ?? fingerprintOf(caller, request));
      const abandoned = queue
        .abandon(id, orphanOf)
        .then(
          async () => (plan.onDisconnect === "finish" ? undefined : (await queue.get(id))?.abandonedAt),
          failed(id),
        );
      if (plan.onDisconnect === "finish") return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        abandoned.then((leftAt) => decide(id, leftAt ?? undefined)).catch(failed(id));
      }, graceMs);
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
