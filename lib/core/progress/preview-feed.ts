import type { JobRecord } from "../../ports";

/** An unfinished picture on its way to whoever looks. */
export interface JobPreview {
  readonly job: Pick<JobRecord, "id" | "owner" | "clientRequestId">;
  readonly seq: number;
  readonly imageIndex: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface PreviewListener {
  /** Would anybody see a preview of this job now? Asked often; must be cheap. */
  wants(job: JobPreview["job"]): boolean;
  show(preview: JobPreview): void;
}

/** Carries previews from the pipeline to the edges of this process. They are never stored. */
export interface PreviewFeed {
  listen(listener: PreviewListener): () => void;
  wanted(job: JobPreview["job"]): boolean;
  publish(preview: JobPreview): void;
}

export function createPreviewFeed(): PreviewFeed {
  const listeners = new Set<PreviewListener>();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    wanted: (job) => [...listeners].some((listener) => listener.wants(job)),
    publish(preview) {
      for (const listener of listeners) listener.show(preview);
    },
  };
}
