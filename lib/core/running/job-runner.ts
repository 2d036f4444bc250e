import { lazily } from "../../internal/lazily";
import { Stop, signalOf } from "../../internal/stop";
import {
  GatewayError,
  type ImageProvider,
  type ImageStore,
  isTerminal,
  type JobClaim,
  type JobImage,
  type JobOutcome,
  type JobRecord,
  type Logger,
  type Reservation,
} from "../../ports";
import { callsOf } from "../admission/plan";
import { describeError } from "../describe-error";
import { createConversions } from "../pictures/conversions";
import { keptKeys } from "../pictures/kept";
import { pickPartials } from "../pictures/partial-pictures";
import { storageRefusal } from "../pictures/storage-refusal";
import type { Desk } from "../pictures/take-in";
import { trackProgress } from "../progress/progress-tracker";
import { expectedBytes } from "./expected-bytes";
import { foreignText } from "./foreign-text";
import { failedOutcome } from "./job-failure";
import type { JobRun, RunnerOptions } from "./job-run";
import { makeCalls } from "./make-calls";

/** Runs one job: room in the store, the upstream calls, one terminal state. Never rejects. */
export function createJobRunner(options: RunnerOptions): (claim: JobClaim) => Promise<void> {
  const { store, log } = options;
  const conversions = createConversions(options.converter, log);

  return async (given) => {
    const { job, signal } = given;
    const { claim, hasBegun } = watched(given);
    // A process that died may have left some; what it had not kept went with it.
    const images = new Map(job.images.filter(isKept).map((image) => [image.place, image]));
    const room = lazily<Reservation>();
    let outcome: JobOutcome;
    try {
      const { handover } = options.orderOf(job.id) ?? {};
      const { keeps, convert } = job.plan;
      const desk: Desk = {
        handover,
        keeps: keeps !== false,
        spares: keeps === "untilAnswered" ? options.spares : undefined,
        unkept: (error) =>
          log[keeps === true ? "warn" : "debug"](
            { jobId: job.id, ...describeError(error) },
            "a picture that its caller has got could not be kept",
          ),
        convert: convert && conversions.to(convert, { jobId: job.id, provider: job.provider }),
        fetcher: options.fetcher,
        maxBytes: options.limits.imageBytes,
        room: () => room.get(() => reserve(store, claim, expectedBytes(job, options.limits.imageBytes))),
      };
      // What must be kept has its room before anything is paid for.
      if (keeps === true || handover === undefined) await desk.room();
      outcome = await work(options, claim, desk, images);
    } catch (error) {
      outcome = failedOutcome(error, signal, hasBegun());
      const { id: jobId, requestId, provider } = job;
      const level = outcome.status === "cancelled" ? "debug" : "warn";
      log[level]({ jobId, requestId, provider, ...describeError(error) }, "a job did not succeed");
      const text = foreignText(error, job.request.prompt);
      if (text !== undefined) log.debug({ jobId, text }, "what the provider said");
    }
    await conclude(options, job, outcome, [...images.values()]);
    const held = room.made();
    if (held !== undefined) await giveBack(held, job, log);
  };
}

async function giveBack(room: Promise<Reservation>, { id }: JobRecord, log: Logger): Promise<void> {
  // Room that could not be had has been told of where it was wanted.
  const held = await room.catch(() => undefined);
  await held?.release().catch((error: unknown) => {
    log.warn({ jobId: id, ...describeError(error) }, "room in the image store could not be given back");
  });
}

const isKept = ({ kept }: JobImage): boolean => kept !== undefined;

/** The claim, and whether an upstream call may have been made under it. */
function watched(claim: JobClaim): { readonly claim: JobClaim; hasBegun(): boolean } {
  let hasBegun = false;
  const { job, signal } = claim;
  return {
    hasBegun: () => hasBegun,
    claim: {
      job,
      signal,
      async markDispatch(key) {
        const isNew = await claim.markDispatch(key);
        hasBegun = true;
        return isNew;
      },
    },
  };
}

async function work(
  options: RunnerOptions,
  claim: JobClaim,
  desk: Desk,
  images: Map<number, JobImage>,
): Promise<JobOutcome> {
  const { job } = claim;
  const provider = await providerOf(options, job);
  const stop = new Stop();
  const leave = stop.follow(claim.signal);
  const partials = partialsFor(job, desk);
  const tracker = trackProgress(job, options.queue, options.previews, options.limits, partials);
  const run: JobRun = {
    options,
    claim,
    provider,
    calls: callsOf(job),
    desk,
    tracker,
    partials,
    images,
    refs: new Map(job.refs.map((ref) => [ref.call, ref])),
    stop,
    deadline: (job.startedAt ?? options.clock()) + job.plan.limitMs,
  };
  try {
    return await makeCalls(run);
  } finally {
    leave();
    tracker.close();
  }
}

async function providerOf(options: RunnerOptions, job: JobRecord): Promise<ImageProvider> {
  const provider = options.orderOf(job.id)?.provider ?? (await options.providerOf(job.provider));
  if (provider !== undefined) return provider;
  options.log.error(
    { jobId: job.id, provider: job.provider },
    "this process has no provider of the job's; give all that work on jobs the same providers",
  );
  throw new GatewayError("provider_misconfigured", "The provider is not set up for this request.");
}

/** A provider that streams by itself hands its unfinished pictures out like finished ones. */
function partialsFor({ request, plan }: JobRecord, { handover }: Desk) {
  const wanted = request.stream?.partialImages ?? 0;
  if (handover === undefined || wanted === 0 || plan.card.stream === "native") return undefined;
  return pickPartials(handover, wanted, request.n);
}

async function reserve(store: ImageStore, { job, signal }: JobClaim, bytes: number): Promise<Reservation> {
  try {
    return await store.reserve({ owner: job.owner, bytes, signal: signalOf(signal) });
  } catch (error) {
    throw signal.aborted ? error : storageRefusal(error);
  }
}

async function conclude(
  { queue, store, log, orderOf }: RunnerOptions,
  job: JobRecord,
  outcome: JobOutcome,
  images: readonly JobImage[],
): Promise<void> {
  try {
    const last = (await queue.settle(job.id, outcome)) ?? (await queue.get(job.id));
    // Another process goes on with it, and with what there is.
    if (last !== undefined && !isTerminal(last)) return;
    // Nobody will ask for them: the job failed, was cancelled or removed.
    if (last?.status !== "completed") await store.delete(keptKeys(images));
    // The process that took them in may be gone.
    if (orderOf(job.id) === undefined) await store.delete(inputKeys(job));
  } catch (error) {
    log.error({ jobId: job.id, ...describeError(error) }, "the end of a job could not be recorded");
  }
}

function inputKeys({ request: { inputs } }: JobRecord): string[] {
  const { images = [], mask } = inputs ?? {};
  return [...images, ...(mask === undefined ? [] : [mask])].map(({ key }) => key);
}
