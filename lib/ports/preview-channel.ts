import type { JobRecord } from "./job";

/** An unfinished picture on its way to whoever looks. */
export interface JobPreview {
  readonly job: Pick<JobRecord, "id" | "owner" | "clientRequestId">;
  readonly seq: number;
  /** Place of the picture in the job. */
  readonly imageIndex: number;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * Carries previews to the processes in which somebody looks. What nobody looks at is not sent, and nothing is stored: a preview that is lost is
 * lost.
 *
 * 1. `listen` hears the previews of an owner's jobs that other processes publish, none that its own does.
 * 2. `wanted` is cheap, and may be late by a second or two.
 * 3. None of them throws or rejects; what cannot be sent is dropped.
 */
export interface PreviewChannel {
  /** Does a process other than this one listen for the jobs of this owner? */
  wanted(owner: string): boolean;
  publish(preview: JobPreview): void;
  /** Returns the way to stop. */
  listen(owner: string, show: (preview: JobPreview) => void): () => void;
}
