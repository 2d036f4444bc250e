import { GatewayError, type JobOutcome, ProviderError } from "../../ports";
import type { PlannedCall } from "../admission/plan";
import { describeError } from "../describe-error";
import { isFatal } from "../faults";
import { dispatchCall } from "./dispatch-call";
import { decisive } from "./job-failure";
import type { JobRun } from "./job-run";
import type { CallResult } from "./run-call";
import { summarize } from "./summary";

/**
 * Makes the calls of a job, a few at a time. Some may fail as long as one picture comes.
 *
 * @param stopOthers called with a failure that the other calls would meet too
 * @throws the failure that decides, when no picture came; the claim's reason when the job was stopped
 */
export async function makeCalls(run: JobRun, stopOthers: (failure: unknown) => void): Promise<JobOutcome> {
  const { plan, claim, images, options } = run;
  const results: CallResult[] = [];
  const failures: unknown[] = [];

  const make = async (call: PlannedCall) => {
    try {
      const result = await dispatchCall(run, call);
      results.push(result);
      revise(run, call.firstImage, result.meta.revisedPrompts ?? []);
    } catch (error) {
      failures.push(error);
      if (ProviderError.is(error) ? isFatal(error) : GatewayError.is(error)) stopOthers(error);
    }
  };

  const waiting = [...plan.calls];
  const lane = async () => {
    let call = waiting.shift();
    while (call !== undefined && !run.signal.aborted) {
      await make(call);
      call = waiting.shift();
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.calls.length) }, lane));

  claim.signal.throwIfAborted();
  if (images.size === 0) throw decisive(failures);
  const { job } = claim;
  if (failures.length > 0) {
    const about = { jobId: job.id, provider: job.provider, ...describeError(failures[0]) };
    options.log.warn(about, "a job succeeded in part");
  }
  const inOrder = [...images].sort(([a], [b]) => a - b).map(([, image]) => image);
  return {
    status: "completed",
    images: inOrder,
    ...summarize(job, plan, results, inOrder.length, failures),
  };
}

/** Prompts that the upstream told after the pictures. */
function revise({ images }: JobRun, firstImage: number, prompts: readonly (string | undefined)[]): void {
  for (const [index, revisedPrompt] of prompts.entries()) {
    const image = images.get(firstImage + index);
    if (image === undefined || revisedPrompt === undefined) continue;
    images.set(firstImage + index, { revisedPrompt, ...image });
  }
}
