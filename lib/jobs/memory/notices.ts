import type { JobNotifier, JobRecord } from "../../ports";
import { NOTICE_DELAYS_MS, NOTICE_LIMIT_MS } from "../notice-delays";

/** Tells webhooks of the ends of jobs, until they have it. */
export interface Notices {
  start(notify: JobNotifier): void;
  ended(job: JobRecord): void;
  /** Attempts under way may end within their own time; what waits is given up. */
  close(): Promise<void>;
}

export function createNotices(): Notices {
  const timers = new Set<NodeJS.Timeout>();
  const attempts = new Set<Promise<void>>();
  let notify: JobNotifier | undefined;
  let isClosed = false;

  const attempt = async (job: JobRecord, failures: number) => {
    const said = await notify?.(job, AbortSignal.timeout(NOTICE_LIMIT_MS)).catch(() => "again" as const);
    if (said === "again") schedule(job, failures + 1);
  };
  const begin = (job: JobRecord, failures: number) => {
    const trying = attempt(job, failures).finally(() => attempts.delete(trying));
    attempts.add(trying);
  };
  const schedule = (job: JobRecord, failures: number) => {
    const delay = NOTICE_DELAYS_MS[failures];
    if (delay === undefined || isClosed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      begin(job, failures);
    }, delay).unref();
    timers.add(timer);
  };

  return {
    start(given) {
      notify = given;
    },
    ended(job) {
      // Without a timer: the last jobs end while the queue closes.
      if (notify !== undefined && job.request.webhook !== undefined) begin(job, 0);
    },
    async close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.all(attempts);
    },
  };
}
