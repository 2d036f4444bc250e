import type { JobQueue } from "../../ports";
import { attend } from "../callers/attend";
import type { JobOrder } from "./job-run";

/** What belongs to the jobs that this process has admitted, until they have ended, wherever they run. */
export interface Orders {
  of(jobId: string): JobOrder | undefined;
  /** Before the job is submitted, so that its end is not missed. */
  open(jobId: string, order: JobOrder): Promise<void>;
  /** The job has not come about. */
  drop(jobId: string): void;
  close(): void;
}

interface Entry {
  readonly order: JobOrder;
  stop(): void;
}

export function createOrders(queue: Pick<JobQueue, "get" | "follow">): Orders {
  const entries = new Map<string, Entry>();
  const drop = (jobId: string) => {
    entries.get(jobId)?.stop();
    entries.delete(jobId);
  };
  return {
    of: (jobId) => entries.get(jobId)?.order,
    async open(jobId, order) {
      const onEnd = () => {
        void order.inputs?.discard();
        drop(jobId);
      };
      const stop = await attend(queue, jobId, order.handover, { isNew: true, onEnd });
      entries.set(jobId, { order, stop });
    },
    drop,
    close() {
      for (const jobId of [...entries.keys()]) drop(jobId);
    },
  };
}
