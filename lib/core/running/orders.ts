import { Roster } from "../../internal/roster";
import type { JobQueue, JobRecord } from "../../ports";
import { attend } from "../callers/attend";
import { distantPartials } from "../callers/distant-partials";
import type { PreviewFeed } from "../progress/preview-feed";
import type { JobOrder } from "./job-run";

/** What belongs to the jobs that this process has admitted, until they have ended, wherever they run. */
export interface Orders {
  of(jobId: string): JobOrder | undefined;
  /** Before the job is submitted, so that its end is not missed. */
  open(
    job: Pick<JobRecord, "id" | "owner" | "request">,
    order: JobOrder,
    onChange?: (job: JobRecord) => void,
  ): Promise<void>;
  /** The job has not come about. */
  drop(jobId: string): void;
  close(): void;
}

interface Entry {
  readonly order: JobOrder;
  stop(): void;
}

export function createOrders(queue: Pick<JobQueue, "get" | "follow">, previews: PreviewFeed): Orders {
  const entries = new Roster<string, Entry>();
  const drop = (jobId: string) => {
    entries.get(jobId)?.stop();
    entries.delete(jobId);
  };
  return {
    of: (jobId) => entries.get(jobId)?.order,
    async open(job, order, hear) {
      const { handover, inputs } = order;
      const partials = handover && distantPartials(previews, job, handover);
      const onEnd = () => {
        void inputs?.discard();
        drop(job.id);
      };
      const onChange = (change: JobRecord) => {
        partials?.reached(change);
        hear?.(change);
      };
      const stop = await attend(queue, job.id, handover, { isNew: true, onEnd, onChange }).catch(
        (error: unknown) => {
          partials?.stop();
          throw error;
        },
      );
      entries.set(job.id, {
        order,
        stop() {
          partials?.stop();
          stop();
        },
      });
    },
    drop,
    close() {
      for (const jobId of [...entries.keys()]) drop(jobId);
    },
  };
}
