import { text } from "node:stream/consumers";
import type { Caller } from "../core/caller";
import { knownCaller } from "../core/caller";
import { fromJobError } from "../core/faults";
import type { OwnedJobs } from "../core/owned-jobs";
import type { Pipeline } from "../core/pipeline";
import type { PresentOptions } from "../http/present-job";
import { readStored } from "../http/present-job";
import { encodeBase64 } from "../internal/base64";
import { newId } from "../internal/ids";
import type { JobQueue, JobRecord, Principal } from "../ports";
import type { GenerationBody } from "../wire/generation-schema";
import type { ImageJob } from "../wire/job";
import { toImageJob } from "../wire/job";
import type { ParseGeneration } from "../wire/request";
import type { ImagesResponse } from "../wire/response";
import { toImagesResponse } from "../wire/response";

export interface GenerateOptions {
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal;
  /** Hears every change of the job, the last one included. */
  readonly onProgress?: (job: ImageJob) => void;
}

export interface DirectOptions<P extends Principal> extends PresentOptions {
  readonly pipeline: Pipeline<P>;
  readonly jobs: OwnedJobs<P>;
  readonly queue: JobQueue;
  readonly parse: ParseGeneration;
  readonly publicUrl: string | undefined;
}

export type Generate<P extends Principal> = (
  principal: P,
  request: GenerationBody,
  options?: GenerateOptions,
) => Promise<ImagesResponse>;

/** Generates from inside the host, without HTTP: the same checks, limits, jobs and progress. */
export function directGeneration<P extends Principal>(options: DirectOptions<P>): Generate<P> {
  const { pipeline, jobs, queue, store, publicUrl } = options;

  const endOf = async (caller: Caller<P>, jobId: string, signal: AbortSignal): Promise<JobRecord> => {
    try {
      return await pipeline.ended(jobId, signal);
    } catch (error) {
      await jobs.cancel(caller, jobId);
      throw error;
    }
  };

  const answer = async (job: JobRecord, signal: AbortSignal): Promise<ImagesResponse> => {
    if (job.responseFormat === "url") {
      const links = await options.signLinks(job, publicUrl ?? "");
      return toImagesResponse(job, ({ key }) => links.get(key) ?? "");
    }
    const texts = new Map<string, string>();
    for (const { key } of job.images)
      texts.set(key, await text(encodeBase64(readStored(store, key, signal))));
    return toImagesResponse(job, ({ key }) => texts.get(key) ?? "");
  };

  return async (principal, body, { signal = new AbortController().signal, onProgress } = {}) => {
    const request = options.parse(body);
    if (publicUrl === undefined && request.responseFormat !== "b64_json") {
      throw new TypeError(
        "express-image-gateway: generate() has no request to take the address of links from; set the option 'publicUrl' or ask for response_format 'b64_json'.",
      );
    }
    const caller: Caller<P> = knownCaller(principal);
    const job = await pipeline.admit({ caller, request, requestId: newId("req_"), signal });
    const stop = queue.watch((change) => {
      if (change.id === job.id) onProgress?.(toImageJob(change));
    });
    try {
      const ended = await endOf(caller, job.id, signal);
      if (ended.error !== undefined) throw fromJobError(ended.error);
      return await answer(ended, signal);
    } finally {
      stop();
    }
  };
}
