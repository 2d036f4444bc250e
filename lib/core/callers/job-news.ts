import { isTerminal, type JobPreview, type JobRecord, type Principal } from "../../ports";
import type { PreviewFeed } from "../progress/preview-feed";
import type { Caller } from "./caller";
import type { OwnedJobs } from "./owned-jobs";

/** What is new of a job. */
export type News =
  | { readonly kind: "job"; readonly job: JobRecord }
  | { readonly kind: "preview"; readonly preview: JobPreview }
  /** Nothing has come for a while. */
  | { readonly kind: "silence" };

/** The news of one job for one reader, who may be slow: of what gathers meanwhile only the latest is kept. */
export interface JobNews {
  /** As it was when this began. */
  readonly job: JobRecord;
  /** What comes next, in order; `undefined` when the job has ended and that was told. @throws the signal's reason */
  next(silenceMs: number, signal: AbortSignal): Promise<News | undefined>;
  stop(): void;
}

/** @returns `undefined` for a job that is not the caller's */
export async function followNews<P extends Principal>(
  jobs: OwnedJobs<P>,
  previews: PreviewFeed | undefined,
  caller: Caller<P>,
  id: string,
): Promise<JobNews | undefined> {
  let latest: JobRecord | undefined;
  let isOver = false;
  /** By the place of their picture. */
  const pictures = new Map<number, JobPreview>();
  let wake = () => {};

  const followed = await jobs.follow(caller, id, (job) => {
    latest = job;
    wake();
  });
  if (followed === undefined) return undefined;
  const stopListening = previews?.listen({
    wants: (job) => job.id === id,
    show(preview) {
      if (preview.job.id !== id) return;
      pictures.set(preview.imageIndex, preview);
      wake();
    },
  });

  const leave = previews?.attend(caller.owner);

  const take = (): News | undefined => {
    const [preview] = [...pictures.values()].sort((a, b) => a.seq - b.seq);
    if (preview !== undefined && (latest === undefined || preview.seq < latest.seq)) {
      pictures.delete(preview.imageIndex);
      return { kind: "preview", preview };
    }
    if (latest === undefined) return undefined;
    const job = latest;
    latest = undefined;
    isOver = isTerminal(job);
    return { kind: "job", job };
  };

  return {
    job: followed.job,
    async next(silenceMs, signal) {
      if (isOver) return undefined;
      const ready = take();
      if (ready !== undefined) return ready;
      await new Promise<void>((resolve, reject) => {
        const over = () => {
          wake = () => {};
          clearTimeout(timer);
          signal.removeEventListener("abort", gone);
        };
        const gone = () => {
          over();
          reject(signal.reason);
        };
        wake = () => {
          over();
          resolve();
        };
        const timer = setTimeout(() => wake(), silenceMs);
        signal.addEventListener("abort", gone, { once: true });
        if (signal.aborted) gone();
      });
      return take() ?? { kind: "silence" };
    },
    stop() {
      followed.stop();
      stopListening?.();
      leave?.();
    },
  };
}
