import { fromJobError } from "../core/faults";
import type { Handover } from "../core/pictures/handover";
import type { InputHold } from "../core/pictures/input-hold";
import type { Pipeline } from "../core/pipeline";
import type { ImageRequest, JobRecord, Logger, Principal } from "../ports";
import { warningsHeader } from "../wire/warnings-header";
import { sendImageJson, sendJsonParts } from "./answer";
import { toAnswer } from "./errors";
import type { Exchange } from "./exchange";
import { baseUrlOf } from "./links";
import { passingAnswer } from "./passing-answer";
import { type PresentOptions, presentJob } from "./present-job";
import { clientRequestIdOf } from "./request-id";
import { streamAnswer } from "./stream-answer";

export interface AnswerOptions<P extends Principal> extends PresentOptions {
  readonly pipeline: Pipeline<P>;
  readonly publicUrl: string | undefined;
  readonly log: Logger;
}

/**
 * One validated request: a job, its end, and the answer, which is written while the pictures come where it is asked for in base64.
 *
 * @param inputs the pictures that it brought
 */
export async function answerRequest<P extends Principal>(
  options: AnswerOptions<P>,
  { req, res, caller, requestId, signal }: Exchange<P>,
  request: ImageRequest,
  inputs?: InputHold,
): Promise<void> {
  const { pipeline, store } = options;
  const clientRequestId = clientRequestIdOf(req);
  const { job, handover } = await pipeline.admit({
    caller,
    request,
    requestId,
    clientRequestId,
    inputs,
    delivery: request.stream === undefined ? "direct" : "stream",
    signal,
  });
  res.set("x-image-job-id", job.id);
  const succeeded = async (): Promise<JobRecord> => {
    const ended = await pipeline.ended(job.id, signal);
    if (ended.error !== undefined) throw fromJobError(ended.error);
    return ended;
  };
  leaveWith(handover, signal);
  try {
    if (handover !== undefined && request.stream !== undefined) {
      const explain = (error: unknown) => toAnswer(error, res, options.log).body;
      const begin = () => beginEvents(res, job);
      return await streamAnswer(res, { store, handover, job, signal, succeeded, explain, begin });
    }
    const first = await handover?.next();
    if (handover !== undefined && first !== undefined) {
      setWarnings(res, job);
      const parts = passingAnswer({ store, handover, first, signal, succeeded });
      return await sendJsonParts(res, parts, signal);
    }
    const ended = await succeeded();
    setWarnings(res, ended);
    const baseUrl = baseUrlOf(req, options.publicUrl);
    const text = await presentJob(options, ended, baseUrl, signal, (response) => response);
    await sendImageJson(res, text, signal);
  } catch (error) {
    if (signal.aborted) pipeline.left(job.id);
    throw error;
  } finally {
    handover?.leave();
  }
}

/** A caller that leaves is told to the job at once. */
function leaveWith(handover: Handover | undefined, signal: AbortSignal): void {
  if (signal.aborted) handover?.leave();
  else signal.addEventListener("abort", () => handover?.leave(), { once: true });
}

function beginEvents(res: Exchange<Principal>["res"], job: JobRecord): void {
  setWarnings(res, job);
  res.status(200).set({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  res.flushHeaders();
}

function setWarnings(res: Exchange<Principal>["res"], { warnings }: JobRecord): void {
  const header = warningsHeader(warnings);
  if (header !== undefined) res.set("x-image-warnings", header);
}
