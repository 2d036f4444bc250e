import { GatewayError, ProviderError } from "../../ports";
import type { PlannedCall } from "../admission/plan";
import { callKey } from "./call-key";
import type { JobRun } from "./job-run";
import { type CallResult, runCall } from "./run-call";
import { requireInputs, taskOf } from "./task-of";

/**
 * Makes one call of a job, after its durable mark.
 *
 * @throws GatewayError when an earlier holder of the job may have made this very call, or what it begins with is gone; what
 * {@link runCall} throws
 */
export async function dispatchCall(run: JobRun, call: PlannedCall): Promise<CallResult> {
  const { options, claim, plan, desk, tracker, partials, signal, deadline } = run;
  const { queue, store, limits, previews, clock, http, log } = options;
  const { job } = claim;
  const key = callKey(job.id, call.index, 0);
  if (clock() >= deadline) {
    throw new ProviderError("timeout", "There was no time left for this call.", { started: "no" });
  }
  await requireInputs(store, job.request.inputs);
  if (!(await claim.markDispatch(key))) {
    throw new GatewayError("upstream_error", "The work was lost; it may have been paid for.");
  }
  const { index, firstImage, fields } = call;
  const tracked = { index, firstImage, images: fields.n, share: fields.n / plan.n };
  return runCall(plan.candidate, call, {
    jobId: job.id,
    requestId: job.requestId,
    callKey: key,
    deadline: Math.min(deadline, clock() + limits.attemptMs),
    signal,
    http,
    log,
    desk,
    task: (stop) => taskOf(job.request, fields, store, stop),
    progress: (progress) => tracker.report(tracked, progress),
    wantsPreviews: () => previews.wanted(job) || partials?.areWanted === true,
    previewBytes: () => (previews.wanted(job) ? limits.previewBytes : 0),
    submitted: async (ref) => {
      run.refs.push(ref);
      await queue.update(job.id, { refs: [...run.refs] });
    },
    arrived: (place, image) => void run.images.set(place, image),
  });
}
