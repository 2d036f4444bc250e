import { text } from "node:stream/consumers";
import type { Caller } from "../core/callers/caller";
import { knownCaller } from "../core/callers/caller";
import type { OwnedJobs } from "../core/callers/owned-jobs";
import { describeError } from "../core/describe-error";
import { readKept } from "../core/pictures/kept";
import type { Pipeline } from "../core/pipeline";
import type { PresentOptions } from "../http/present-job";
import { encodeBase64 } from "../internal/base64";
import { newId } from "../internal/ids";
import type { JobImage, JobRecord, Logger, Principal } from "../ports";
import { GatewayError } from "../ports";
import { draining } from "../ports/common-errors";
import { fromJobError } from "../ports/job-error";
import type { GenerationBody } from "../wire/generation-schema";
import type { ImageJob } from "../wire/job";
import { toImageJob } from "../wire/job";
import type { ParseGeneration } from "../wire/request";
import type { ImagesResponse } from "../wire/response";
import { toImagesResponse } from "../wire/response";
import type { Generate, GenerateOptions } from "./generate";
import type { Underway } from "./underway";

export interface DirectOptions<P extends Principal> extends PresentOptions {
  readonly pipeline: Pipeline<P>;
  readonly jobs: OwnedJobs<P>;
  readonly parse: ParseGeneration;
  readonly publicUrl: string | undefined;
  readonly underway: Underway;
  readonly log: Logger;
  /** Why new work is turned away at present. */
  refusal(beginsWork: boolean): GatewayError | undefined;
}

/** Generates from inside the host, without HTTP: the same checks, limits, jobs and progress. */
export function directGeneration<P extends Principal>(options: DirectOptions<P>): Generate<P> {
  const { pipeline, jobs, store, publicUrl, underway, log } = options;

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
      return toImagesResponse(job, (image) => links.get(image) ?? "");
    }
    const texts = new Map<JobImage, string>();
    for (const image of job.images)
      texts.set(image, await text(encodeBase64(readKept(store, image, signal))));
    return toImagesResponse(job, (image) => texts.get(image) ?? "");
  };

  /** A host's listener that throws must not disturb the queue. */
  const report = (job: JobRecord, onProgress: (job: ImageJob) => void) => {
    try {
      onProgress(toImageJob(job));
    } catch (error) {
      log.warn({ jobId: job.id, ...describeError(error) }, "onProgress threw");
    }
  };

  const generate = async (
    principal: P,
    body: GenerationBody,
    signal: AbortSignal,
    onProgress: GenerateOptions["onProgress"],
  ): Promise<ImagesResponse> => {
    const refused = options.refusal(true);
    if (refused !== undefined) throw refused;
    const request = options.parse(body);
    if (request.stream !== undefined) {
      const message = "generate() answers once: leave out 'stream', and take progress from 'onProgress'.";
      throw new GatewayError("unsupported_parameter", message, { param: "stream" });
    }
    if (publicUrl === undefined && request.responseFormat !== "b64_json") {
      throw new TypeError(
        "express-image-gateway: generate() has no request to take the address of links from; set the option 'publicUrl' or ask for response_format 'b64_json'.",
      );
    }
    signal.throwIfAborted();
    const caller: Caller<P> = knownCaller(principal);
    const requestId = newId("req_");
    const onChange = onProgress && ((change: JobRecord) => report(change, onProgress));
    const { job } = await pipeline.admit({ caller, request, requestId, signal, onChange });
    try {
      const ended = await endOf(caller, job.id, signal);
      if (ended.error !== undefined) throw fromJobError(ended.error);
      return await answer(ended, signal);
    } finally {
      pipeline.answered(job);
    }
  };

  return (principal, body, { signal, onProgress } = {}) => {
    const closing = new AbortController();
    const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    return underway.track(
      () => generate(principal, body, either, onProgress),
      () => closing.abort(draining()),
    );
  };
}
