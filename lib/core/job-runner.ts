import type {
  Clock,
  HttpClient,
  ImageStore,
  JobClaim,
  JobImage,
  JobOutcome,
  JobQueue,
  JobRecord,
  Logger,
  Reservation,
  UpstreamRef,
} from "../ports";
import { GatewayError, ProviderError, StoreFullError } from "../ports";
import { callKey } from "./call-key";
import { describeError } from "./describe-error";
import { isFatal, toGatewayError, toJobError } from "./faults";
import type { Plan, PlannedCall } from "./plan";
import type { PreviewFeed } from "./preview-feed";
import { type ProgressLimits, type ProgressTracker, trackProgress } from "./progress-tracker";
import { type CallResult, runCall } from "./run-call";
import { summarize } from "./summary";

export interface RunnerLimits extends ProgressLimits {
  /** One upstream call. */
  readonly attemptMs: number;
  /** The whole job, from its start. */
  readonly jobMs: number;
  readonly imageBytes: number;
}

export interface RunnerOptions {
  readonly queue: JobQueue;
  readonly store: ImageStore;
  readonly previews: PreviewFeed;
  readonly http: HttpClient;
  readonly fetcher: HttpClient;
  readonly limits: RunnerLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** What was settled about a job at its admission. */
  planOf(jobId: string): Plan | undefined;
}

/** Runs one job: room in the store, the upstream calls, one terminal state. Never rejects. */
export function createJobRunner(options: RunnerOptions): (claim: JobClaim) => Promise<void> {
  const { store, log } = options;

  return async (given) => {
    const { job, signal } = given;
    const kept: JobImage[] = [];
    let hasBegun = false;
    const claim: JobClaim = {
      job,
      signal,
      async markDispatch(key) {
        const isNew = await given.markDispatch(key);
        hasBegun = true;
        return isNew;
      },
    };
    let reservation: Reservation | undefined;
    let outcome: JobOutcome;
    try {
      const plan = options.planOf(job.id);
      if (plan === undefined) throw new Error("a job without a plan");
      reservation = await reserve(store, claim, expectedBytes(plan, options.limits.imageBytes));
      outcome = await attemptCalls(options, claim, plan, reservation, kept);
    } catch (error) {
      outcome = failure(error, signal, hasBegun);
      const level = outcome.status === "cancelled" ? "debug" : "warn";
      log[level](
        { jobId: job.id, requestId: job.requestId, provider: job.provider, ...describeError(error) },
        "a job did not succeed",
      );
    }
    await conclude(options, job, outcome, kept);
    await reservation?.release().catch((error: unknown) => {
      log.warn({ jobId: job.id, ...describeError(error) }, "room in the image store could not be given back");
    });
  };
}

async function reserve(store: ImageStore, { job, signal }: JobClaim, bytes: number): Promise<Reservation> {
  try {
    return await store.reserve({ owner: job.owner, bytes, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = StoreFullError.is(error)
      ? "There is no room for the pictures right now. Try again later."
      : "Pictures cannot be kept right now. Try again later.";
    throw new GatewayError("storage_unavailable", message, { cause: error, retryAfterSeconds: 30 });
  }
}

async function conclude(
  options: RunnerOptions,
  job: JobRecord,
  outcome: JobOutcome,
  kept: readonly JobImage[],
): Promise<void> {
  try {
    const settled = await options.queue.settle(job.id, outcome);
    if (settled?.status === "completed") return;
    // Nobody will ask for them: the job failed, was cancelled or removed.
    await options.store.delete(kept.map(({ key }) => key));
  } catch (error) {
    options.log.error({ jobId: job.id, ...describeError(error) }, "the end of a job could not be recorded");
  }
}

/** Some calls may fail as long as one picture comes; a fault that the others would meet too stops them. */
async function attemptCalls(
  options: RunnerOptions,
  claim: JobClaim,
  plan: Plan,
  reservation: Reservation,
  kept: JobImage[],
): Promise<JobOutcome> {
  const { job } = claim;
  const tracker = trackProgress(job, options.queue, options.previews, options.limits);
  const siblings = new AbortController();
  const signal = AbortSignal.any([claim.signal, siblings.signal]);
  const deadline = options.clock() + options.limits.jobMs;
  const images = new Map<number, JobImage>();
  const results: CallResult[] = [];
  const failures: unknown[] = [];

  const make = async (call: PlannedCall) => {
    const keep = (index: number, image: JobImage) => {
      kept.push(image);
      images.set(call.firstImage + index, image);
    };
    try {
      const result = await dispatch(options, claim, plan, call, {
        signal,
        deadline,
        reservation,
        tracker,
        keep,
      });
      results.push(result);
      revise(images, call.firstImage, result.meta.revisedPrompts ?? []);
    } catch (error) {
      failures.push(error);
      if (ProviderError.is(error) ? isFatal(error) : GatewayError.is(error)) siblings.abort(error);
    }
  };

  try {
    const waiting = [...plan.calls];
    const lane = async () => {
      for (let call = waiting.shift(); call !== undefined && !signal.aborted; call = waiting.shift())
        await make(call);
    };
    await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.calls.length) }, lane));
  } finally {
    tracker.close();
  }
  claim.signal.throwIfAborted();
  if (images.size === 0) throw decisive(failures);

  const inOrder = [...images].sort(([a], [b]) => a - b).map(([, image]) => image);
  if (failures.length > 0) {
    options.log.warn(
      { jobId: job.id, provider: job.provider, ...describeError(failures[0]) },
      "a job succeeded in part",
    );
  }
  return { status: "completed", images: inOrder, ...summarize(job, plan, results, inOrder.length, failures) };
}

/** Prompts that the upstream told after the pictures. */
function revise(images: Map<number, JobImage>, firstImage: number, prompts: readonly (string | undefined)[]) {
  for (const [index, revisedPrompt] of prompts.entries()) {
    const image = images.get(firstImage + index);
    if (image === undefined || revisedPrompt === undefined) continue;
    images.set(firstImage + index, { revisedPrompt, ...image });
  }
}

/** The failure that forbids a repeat, if there is one: what one of the calls did may have been billed. */
const decisive = (failures: readonly unknown[]): unknown =>
  failures.find((error) => !explain(error).retry) ?? failures[0];

interface Dispatch {
  readonly signal: AbortSignal;
  readonly deadline: number;
  readonly reservation: Reservation;
  readonly tracker: ProgressTracker;
  keep(index: number, image: JobImage): void;
}

async function dispatch(
  options: RunnerOptions,
  claim: JobClaim,
  plan: Plan,
  call: PlannedCall,
  { signal, deadline, reservation, tracker, keep }: Dispatch,
): Promise<CallResult> {
  const { job } = claim;
  const { queue, limits, previews } = options;
  const key = callKey(job.id, call.index, 0);
  if (options.clock() >= deadline) {
    throw new ProviderError("timeout", "There was no time left for this call.", { started: "no" });
  }
  if (!(await claim.markDispatch(key))) {
    throw new GatewayError("upstream_error", "The work was lost; it may have been paid for.");
  }
  const tracked = {
    index: call.index,
    firstImage: call.firstImage,
    images: call.fields.n,
    share: call.fields.n / plan.n,
  };
  const refs: UpstreamRef[] = [];
  return runCall(plan.candidate, call, {
    jobId: job.id,
    requestId: job.requestId,
    callKey: key,
    deadline: Math.min(deadline, options.clock() + limits.attemptMs),
    signal,
    http: options.http,
    log: options.log,
    intake: { reservation, fetcher: options.fetcher, maxBytes: limits.imageBytes },
    progress: (progress) => tracker.report(tracked, progress),
    wantsPreviews: () => previews.wanted(job),
    submitted: async (ref) => {
      refs.push(ref);
      await queue.update(job.id, { refs });
    },
    keep,
  });
}

function failure(error: unknown, signal: AbortSignal, hasBegun: boolean): JobOutcome {
  if (GatewayError.is(signal.reason)) {
    if (signal.reason.code === "job_cancelled") {
      return { status: "cancelled", error: toJobError(signal.reason) };
    }
    return { status: "failed", error: toJobError(hasBegun ? interrupted(signal.reason) : signal.reason) };
  }
  return { status: "failed", error: toJobError(explain(error)) };
}

/** Work that was begun may be billed: whatever stopped it, it is not to be asked for again by a machine. */
const interrupted = (reason: GatewayError): GatewayError =>
  new GatewayError(
    reason.code,
    "The job was stopped while the provider worked on it; it may have been paid for.",
    {
      retry: false,
      cause: reason,
    },
  );

function explain(error: unknown): GatewayError {
  if (GatewayError.is(error)) return error;
  if (ProviderError.is(error)) return toGatewayError(error);
  return new GatewayError(
    "internal_error",
    "Something went wrong here. Quote the x-request-id when you report it.",
    {
      cause: error,
    },
  );
}

const UNKNOWN_IMAGE_BYTES = 4 * 1024 * 1024;
const BYTES_PER_PIXEL = 4;

/** Uncompressed size: more than any picture of these dimensions takes. */
function expectedBytes({ n, size }: Plan, imageBytes: number): number {
  const each =
    size === undefined || size === "auto" ? UNKNOWN_IMAGE_BYTES : size.width * size.height * BYTES_PER_PIXEL;
  return n * Math.min(imageBytes, Math.max(each, 64 * 1024));
}
