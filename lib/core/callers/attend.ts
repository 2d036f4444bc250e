import type { JobQueue, JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import type { Handover } from "../pictures/handover";

export interface AttendOptions {
  /** Nothing can have become of the job yet. */
  readonly isNew: boolean;
  /** Told once the job has ended. */
  readonly onEnd?: (() => void) | undefined;
  readonly onChange?: ((job: JobRecord) => void) | undefined;
}

/**
 * Brings what becomes of a job to the caller that waits for it, wherever it runs: its progress, each picture that lies in the store,
 * and its end.
 *
 * @returns stops it
 */
export async function attend(
  queue: Pick<JobQueue, "get" | "follow">,
  jobId: string,
  handover: Handover | undefined,
  { isNew, onEnd = () => {}, onChange = () => {} }: AttendOptions,
): Promise<() => void> {
  let isOver = false;
  const hear = (job: JobRecord) => {
    if (isOver) return;
    onChange(job);
    for (const image of job.images) if (image.kept !== undefined) handover?.keep(image.place, image);
    if (!isTerminal(job)) {
      if (job.request.stream !== undefined) handover?.report(job);
      return;
    }
    isOver = true;
    handover?.close(job);
    stop();
    onEnd();
  };
  let stop = () => {};
  const stopFollowing = await queue.follow(jobId, hear);
  stop = stopFollowing;
  if (isOver) stop();
  if (isNew) return stop;
  const job = await queue.get(jobId);
  if (job !== undefined) hear(job);
  // Removed or expired meanwhile: whoever waits finds that out.
  else handover?.close();
  return stop;
}
