import { signalOf } from "../../../lib/internal/stop";
import { bullmqJobs } from "../../../lib/jobs/bullmq";
import { failed } from "../../../lib/jobs/ends";
import { GatewayError, type JobClaim, type JobOutcome } from "../../../lib/ports";

/** A process that works until it is killed. Its upstream is a counter in the process that started it. */
const [url = "", prefix = "", lockSeconds = "", upstream = ""] = process.argv.slice(-4);

const queue = bullmqJobs({
  redis: url,
  prefix,
  role: "worker",
  lockSeconds: Number(lockSeconds),
  concurrency: 4,
});
const tell = async (what: string, { job, signal }: JobClaim) => {
  await fetch(`${upstream}/${what}/${job.id}`, { method: "POST", signal: signalOf(signal) });
};

async function outcomeOf(claim: JobClaim): Promise<JobOutcome> {
  const { id } = claim.job;
  await tell("claimed", claim);
  if (!(await claim.markDispatch("call"))) {
    return failed(new GatewayError("worker_lost", "The call may have been made before."));
  }
  await tell("marked", claim);
  await tell("paid", claim);
  await queue.update(id, { progress: 50 });
  await tell("saved", claim);
  return { status: "completed", images: [], warnings: [] };
}

queue.work(async (claim) => {
  await queue.settle(claim.job.id, await outcomeOf(claim));
});

// Whoever started it is gone.
process.stdin.once("end", () => process.exit()).resume();
