import type { ImageProvider, ImageTask, RunContext, RunResult } from "../../ports";
import { GatewayError, ProviderError } from "../../ports";
import type { PlannedCall } from "../admission/plan";
import { callKey } from "./call-key";
import { inOrder } from "./in-order";
import type { JobRun } from "./job-run";
import { type CallResult, runCall } from "./run-call";
import { requireInputs, taskOf } from "./task-of";

/**
 * Makes one call of a job, after its durable mark; one that a process has begun and left is taken up again.
 *
 * @throws GatewayError `worker_lost` when that cannot be done, `storage_unavailable` when what it begins with is gone; what
 * {@link runCall} throws
 */
export async function dispatchCall(run: JobRun, call: PlannedCall): Promise<CallResult> {
  const { options, claim, provider, images, refs, desk, tracker, partials, stop, deadline } = run;
  const { queue, store, limits, previews, clock, http, log } = options;
  const { job } = claim;
  const key = callKey(job.id, call.index, 0);
  if (clock() >= deadline) {
    throw new ProviderError("timeout", "There was no time left for this call.", { started: "no" });
  }
  await requireInputs(store, job.request.inputs);
  const start = starter(run, call, await claim.markDispatch(key));
  const { index, firstImage, fields } = call;
  const { n } = job.request;
  const tracked = { index, firstImage, images: fields.n, share: fields.n / n };
  return runCall(call, {
    jobId: job.id,
    requestId: job.requestId,
    callKey: key,
    deadline: Math.min(deadline, clock() + limits.attemptMs),
    stop,
    http,
    log,
    desk,
    provider: provider.id,
    start,
    task: (signal) => taskOf(job.request, fields, store, signal),
    wantsPartials: (job.request.stream?.partialImages ?? 0) > 0,
    progress: (progress) => tracker.report(tracked, progress),
    wantsPreviews: () => previews.wanted(job) || partials?.areWanted() === true,
    previewBytes: () => (previews.wanted(job) ? limits.previewBytes : 0),
    submitted: async (ref) => {
      refs.set(index, { ...ref, call: index });
      await queue.update(job.id, { refs: [...refs.values()] });
    },
    isIn: (place) => images.has(place),
    async arrived(image) {
      images.set(image.place, image);
      // The last one comes with the end of the job.
      if (images.size < n) await queue.update(job.id, { images: inOrder(images) });
    },
  });
}

type Start = (task: ImageTask, ctx: RunContext) => Promise<RunResult>;

/** @param isNew nobody has made this call before */
function starter({ claim, provider, refs }: JobRun, { index }: PlannedCall, isNew: boolean): Start {
  const { card } = claim.job.plan;
  const ref = refs.get(index);
  if (isNew || (ref === undefined && card.namesFirst === true)) return (task, ctx) => provider.run(task, ctx);
  if (ref !== undefined && card.resume === true && canResume(provider)) {
    return (task, ctx) => provider.resume(ref, task, ctx);
  }
  throw new GatewayError(
    "worker_lost",
    "The process running this job died. The provider may already have been paid, so the job was not restarted.",
  );
}

const canResume = (
  provider: ImageProvider,
): provider is ImageProvider & Required<Pick<ImageProvider, "resume">> => provider.resume !== undefined;
