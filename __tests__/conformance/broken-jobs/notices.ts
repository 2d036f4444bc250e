import { isTerminal } from "../../../lib/ports";
import type { BrokenQueue } from "./broken";
import { broken } from "./broken";

export const brokenNotices: readonly BrokenQueue[] = [
  broken(13, "no webhook hears anything", () => ({ notify: () => {} })),
  broken(13, "the ends of all jobs are told", (queue) => ({
    notify(notifier) {
      queue.watch((job) => {
        if (isTerminal(job)) void notifier(job, AbortSignal.timeout(1_000));
      });
    },
  })),
  broken(13, "a webhook hears of the beginning", (queue) => ({
    notify(notifier) {
      queue.watch((job) => {
        if (job.request.webhook !== undefined) void notifier(job, AbortSignal.timeout(1_000));
      });
    },
  })),
];
