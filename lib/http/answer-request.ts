import type { OwnedJobs } from "../core/callers/owned-jobs";
import type { Handover } from "../core/pictures/handover";
import type { InputHold } from "../core/pictures/input-hold";
import type { Admitted, Pipeline } from "../core/pipeline";
import type { Stop } from "../internal/stop";
import type { ImageRequest, JobRecord, Logger, Principal } from "../ports";
import { GatewayError, isTerminal } from "../ports";
import { fromJobError } from "../ports/job-error";
import { toImageJob } from "../wire/job";
import { warningsHeader } from "../wire/warnings-header";
import { sendImageJson, sendJson, sendJsonParts } from "./answer";
import { beginEvents } from "./begin-events";
import { toAnswer } from "./errors";
import type { Exchange } from "./exchange";
import { baseUrlOf } from "./links";
import { writePassingAnswer } from "./passing-answer";
import { setPollHints } from "./poll-hints";
import { appliedPreferences, type Preferences, preferencesOf } from "./prefer";
import { type PresentOptions, presentJob } from "./present-job";
import { repeatsOf } from "./repeats";
import { clientRequestIdOf } from "./request-id";
import { streamAnswer } from "./stream-answer";

export interface AnswerOptions<P extends Principal> extends PresentOptions {
  readonly pipeline: Pipeline<P>;
  readonly jobs: OwnedJobs<P>;
  readonly publicUrl: string | undefined;
  readonly log: Logger;
}

/**
 * One validated request: a job, its end, and the answer, which is written while the pictures come where it is asked for in base64. Who prefers it
 * gets the job itself instead, and its end later.
 *
 * @param inputs the pictures that it brought
 */
export async function answerRequest<P extends Principal>(
  options: AnswerOptions<P>,
  exchange: Exchange<P>,
  request: ImageRequest,
  inputs?: InputHold,
): Promise<void> {
  const { pipeline } = options;
  const { req, res, caller, requestId, stop } = exchange;
  const preferences = preferencesOf(req);
  const isAsync = preferences.respondAsync;
  if (isAsync && request.stream !== undefined) {
    const message = "'stream' and 'Prefer: respond-async' cannot be combined. Leave one of them out.";
    throw new GatewayError("invalid_value", message, { param: "stream" });
  }
  const admitted = await pipeline.admit({
    caller,
    request,
    requestId,
    clientRequestId: clientRequestIdOf(req),
    ...repeatsOf(req, caller),
    isAsync,
    inputs,
    delivery: isAsync ? "kept" : request.stream === undefined ? "direct" : "stream",
    signal: stop,
  });
  const { job, isReplay } = admitted;
  res.setHeader("x-image-job-id", job.id);
  if (isReplay) res.setHeader("idempotent-replayed", "true");
  try {
    const answer = isAsync
      ? answerLater(options, exchange, job, preferences)
      : answerNow(options, exchange, admitted, request);
    await unlessGone(answer, stop);
    pipeline.answered(job);
  } catch (error) {
    // Cut in the middle it is not answered, whoever cut it.
    if (stop.aborted || res.destroyed) pipeline.left(job, caller);
    else pipeline.answered(job);
    throw isReplay && isGone(error) ? expired() : error;
  }
}

/** The caller waits for the pictures. */
async function answerNow<P extends Principal>(
  options: AnswerOptions<P>,
  exchange: Exchange<P>,
  { job, handover }: Admitted,
  request: ImageRequest,
): Promise<void> {
  const { pipeline, store } = options;
  const { res, stop } = exchange;
  const succeeded = async () => successOf(handover?.end() ?? (await pipeline.ended(job.id, stop)));
  leaveWith(handover, stop);
  try {
    if (handover !== undefined && request.stream !== undefined) {
      const explain = (error: unknown) => toAnswer(error, res, options.log).body;
      const begin = () => {
        setWarnings(res, job);
        beginEvents(res);
      };
      const { signal } = stop;
      return await streamAnswer(res, { store, handover, job, signal, succeeded, explain, begin });
    }
    const first = await handover?.next();
    if (handover !== undefined && first !== undefined) {
      setWarnings(res, job);
      const passing = { store, handover, first, stop, succeeded };
      return await sendJsonParts(res, (add) => writePassingAnswer(passing, add), stop);
    }
    await answerWith(options, exchange, await succeeded());
  } finally {
    handover?.leave();
  }
}

/** The caller takes the job for an answer, unless the job ends within the time that the caller would wait. */
async function answerLater<P extends Principal>(
  options: AnswerOptions<P>,
  exchange: Exchange<P>,
  { id }: JobRecord,
  preferences: Preferences,
): Promise<void> {
  const { req, res, caller, stop } = exchange;
  const ms = (preferences.waitSeconds ?? 0) * 1000;
  const job = await options.jobs.findSoon(caller, id, { ms, signal: stop.signal });
  if (job === undefined) throw new GatewayError("job_not_found", "There is no such job any more.");
  res.set("preference-applied", appliedPreferences(preferences));
  if (isTerminal(job)) return answerWith(options, exchange, successOf(job));
  setWarnings(res, job);
  setPollHints(res, job);
  res.location(`${baseUrlOf(req, options.publicUrl)}/images/jobs/${id}`);
  sendJson(res, toImageJob(job), 202);
}

/** The answer of a job that has ended, out of the store. */
async function answerWith<P extends Principal>(
  options: AnswerOptions<P>,
  { req, res, stop }: Exchange<P>,
  job: JobRecord,
): Promise<void> {
  setWarnings(res, job);
  const baseUrl = baseUrlOf(req, options.publicUrl);
  const text = await presentJob(options, job, baseUrl, stop.signal, (answer) => answer);
  await sendImageJson(res, text, stop);
}

function successOf(job: JobRecord): JobRecord {
  if (job.error !== undefined) throw fromJobError(job.error);
  return job;
}

const isGone = (error: unknown): boolean => GatewayError.is(error) && error.code === "image_not_found";

const expired = (): GatewayError =>
  new GatewayError(
    "result_expired",
    "This request was answered before, but its pictures are no longer kept.",
  );

/** What would be written next may be long in coming: a caller that has gone does not wait for it. */
const unlessGone = (answer: Promise<void>, stop: Stop): Promise<void> =>
  new Promise((resolve, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason));
    answer.then(resolve, reject);
  });

/** A caller that leaves is told to the job at once. */
function leaveWith(handover: Handover | undefined, stop: Stop): void {
  if (stop.aborted) handover?.leave();
  else stop.addEventListener("abort", () => handover?.leave());
}

function setWarnings(res: Exchange<Principal>["res"], { warnings }: JobRecord): void {
  const header = warningsHeader(warnings);
  if (header !== undefined) res.set("x-image-warnings", header);
}
