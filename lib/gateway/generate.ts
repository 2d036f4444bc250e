import type { Principal } from "../ports";
import type { GenerationBody } from "../wire/generation-schema";
import type { ImageJob } from "../wire/job";
import type { ImagesResponse } from "../wire/response";

export interface GenerateOptions {
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal;
  /** Hears every change of the job, from its first record to the last. */
  readonly onProgress?: (job: ImageJob) => void;
}

/** Generates from inside the host, without HTTP. */
export type Generate<P extends Principal> = (
  principal: P,
  request: GenerationBody,
  options?: GenerateOptions,
) => Promise<ImagesResponse>;
