import { memoryJobs } from "express-image-gateway/jobs/memory";
import { newId } from "../../../lib/internal/ids";
import type { JobClaim, JobLimits, JobOutcome, JobQueue, JobRecord, NewJob } from "../../../lib/ports";
import { jobPlan } from "../../support/jobs";

export const newJob = (job: Partial<NewJob> = {}): NewJob => ({
  id: newId("imgjob_"),
  owner: "owner",
  limitKey: "key",
  requestId: "req_1",
  request: { op: "generate", model: "model", prompt: "prompt", n: 1, unknown: Object.create(null) },
  responseFormat: "url",
  provider: "provider",
  plan: jobPlan(),
  warnings: [],
  ...job,
});

export const COMPLETED: JobOutcome = { status: "completed", images: [], warnings: [] };

interface Asked extends Partial<NewJob> {
  readonly limits?: Partial<JobLimits>;
  readonly startBy?: number;
}

/** A queue whose runners do nothing until they are told. */
export interface Bench {
  readonly queue: JobQueue;
  /** Claims in the order in which the jobs started. */
  readonly claims: JobClaim[];
  readonly heard: JobRecord[];
  submit(asked?: Asked): Promise<JobRecord>;
  claimOf(id: string): JobClaim;
  /** Lets a runner come back, and waits for what that causes. */
  letGo(id: string): Promise<void>;
  finish(id: string): Promise<JobRecord | undefined>;
  heardOf(id: string): JobRecord[];
  statusOf(id: string): Promise<string | undefined>;
}

/** Lets everything run that waits for no timer. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function openBench(
  options: Parameters<typeof memoryJobs>[0] & { readonly works?: boolean } = {},
): Bench {
  const { works = true, ...rest } = options;
  const queue = memoryJobs(rest);
  const claims: JobClaim[] = [];
  const heard: JobRecord[] = [];
  const gates = new Map<string, () => void>();
  queue.watch((job) => heard.push(job));
  const run = (claim: JobClaim) => {
    claims.push(claim);
    return new Promise<void>((resolve) => gates.set(claim.job.id, resolve));
  };
  if (works) queue.work(run);

  const bench: Bench = {
    queue,
    claims,
    heard,
    async submit({ limits, startBy = Number.POSITIVE_INFINITY, ...job } = {}) {
      const accepted = await queue.submit(newJob(job), {
        limits: { running: 100, queued: 100, ...limits },
        startBy,
      });
      await settle();
      return accepted;
    },
    claimOf(id) {
      const claim = claims.find(({ job }) => job.id === id);
      if (claim === undefined) throw new Error("the job has not started");
      return claim;
    },
    async letGo(id) {
      gates.get(id)?.();
      await settle();
    },
    async finish(id) {
      const ended = await queue.settle(id, COMPLETED);
      await bench.letGo(id);
      return ended;
    },
    heardOf: (id) => heard.filter((job) => job.id === id),
    statusOf: async (id) => (await queue.get(id))?.status,
  };
  return bench;
}
