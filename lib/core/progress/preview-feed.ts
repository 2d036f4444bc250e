import type { JobPreview, PreviewChannel } from "../../ports";

export interface PreviewListener {
  /** Would anybody see a preview of this job now? Asked often; must be cheap. */
  wants(job: JobPreview["job"]): boolean;
  /** @param isDistant the job runs in another process */
  show(preview: JobPreview, isDistant: boolean): void;
}

/** Carries previews from the pipeline to the edges of this process, and of others where jobs run in other processes. They are never stored. */
export interface PreviewFeed {
  /** Every process has its previews from here, and shows them to its own clients only. */
  readonly isShared: boolean;
  listen(listener: PreviewListener): () => void;
  /** Somebody looks at the jobs of this owner: those that run in other processes are shown, too. Returns the way to stop. */
  attend(owner: string): () => void;
  wanted(job: JobPreview["job"]): boolean;
  publish(preview: JobPreview): void;
}

interface Attended {
  times: number;
  stop(): void;
}

/** @param channel absent: all jobs run in this process */
export function createPreviewFeed(channel?: PreviewChannel): PreviewFeed {
  const listeners = new Set<PreviewListener>();
  const owners = new Map<string, Attended>();
  const show = (preview: JobPreview, isDistant: boolean) => {
    for (const listener of listeners) listener.show(preview, isDistant);
  };
  return {
    isShared: channel !== undefined,
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    attend(owner) {
      if (channel === undefined) return () => {};
      const attended = owners.get(owner) ?? {
        times: 0,
        stop: channel.listen(owner, (preview) => show(preview, true)),
      };
      owners.set(owner, attended);
      attended.times += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        attended.times -= 1;
        if (attended.times > 0) return;
        owners.delete(owner);
        attended.stop();
      };
    },
    wanted: (job) =>
      [...listeners].some((listener) => listener.wants(job)) || channel?.wanted(job.owner) === true,
    publish(preview) {
      show(preview, false);
      if (channel?.wanted(preview.job.owner) === true) channel.publish(preview);
    },
  };
}
