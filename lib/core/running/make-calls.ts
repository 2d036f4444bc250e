import { GatewayError, type JobOutcome, ProviderError } from "../../ports";
import type { PlannedCall } from "../admission/plan";
import { describeError } from "../describe-error";
import { isFatal } from "../faults";
import { dispatchCall } from "./dispatch-call";
import { inOrder } from "./in-order";
import { decisive } from "./job-failure";
import type { JobRun } from "./job-run";
import type { CallResult } from "./run-call";
import { summarize } from "./summary";

/**
 * Makes the calls of a job, a few at a time. Some may fail as long as one picture comes.
 *
 * @throws the failure that decides, when no picture came; the claim's reason when the job was stopped
 */
export async function makeCalls(run: JobRun): Promise<JobOutcome> {
  const { calls, claim, images, desk, options, stop } = run;
  const { job } = claim;
  const results: CallResult[] = [];
  const failures: unknown[] = [];

  const make = async (call: PlannedCall) => {
    try {
      const result = await dispatchCall(run, call);
      results.push(result);
    } catch (error) {
      failures.push(error);
      if (ProviderError.is(error) ? isFatal(error) : GatewayError.is(error)) stop.abort(error);
    } finally {
      desk.handover?.skip(placesOf(call).filter((place) => !images.has(place)));
    }
  };

  // A process that died may have made some of them.
  const waiting = calls.filter((call) => !placesOf(call).every((place) => images.has(place)));
  const lane = async () => {
    let call = waiting.shift();
    while (call !== undefined && !stop.aborted) {
      await make(call);
      call = waiting.shift();
    }
  };
  const lanes: Promise<void>[] = [];
  while (waiting.length > 0 && lanes.length < job.plan.concurrency) lanes.push(lane());
  await Promise.all(lanes);

  claim.signal.throwIfAborted();
  const left = failures.find((error) => GatewayError.is(error) && error.code === "job_cancelled");
  if (left !== undefined || images.size === 0) throw left ?? decisive(failures);
  if (failures.length > 0) {
    const about = { jobId: job.id, provider: job.provider, ...describeError(failures[0]) };
    options.log.warn(about, "a job succeeded in part");
  }
  return { status: "completed", images: inOrder(images), ...summarize(job, results, images, failures) };
}

function placesOf({ firstImage, fields }: PlannedCall): number[] {
  const places: number[] = [];
  for (let index = 0; index < fields.n; index += 1) places.push(firstImage + index);
  return places;
}
