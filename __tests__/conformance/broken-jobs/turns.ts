import { memoryJobs } from "express-image-gateway/jobs/memory";
import type { JobQueue, NewJob } from "../../../lib/ports";
import { GatewayError } from "../../../lib/ports";
import type { BrokenQueue } from "./broken";
import { broken, retold } from "./broken";

const never = new Promise<void>(() => {});

/** When work begins, submits what waits anew, as `rearrange` says. */
function rearranged(
  queue: JobQueue,
  rearrange: (jobs: readonly NewJob[]) => readonly NewJob[],
): Partial<JobQueue> {
  let waiting: { readonly job: NewJob; readonly options: Parameters<JobQueue["submit"]>[1] }[] = [];
  let isQuiet = false;
  return {
    watch: retold(queue, (job, tell) => {
      if (!isQuiet) tell(job);
    }),
    submit(job, options) {
      waiting.push({ job, options });
      return queue.submit(job, options);
    },
    async cancel(id) {
      waiting = waiting.filter(({ job }) => job.id !== id);
      return queue.cancel(id);
    },
    async remove(id) {
      waiting = waiting.filter(({ job }) => job.id !== id);
      return queue.remove(id);
    },
    work(run) {
      const [first] = waiting;
      isQuiet = true;
      for (const { job } of waiting) queue.remove(job.id).catch(() => {});
      for (const job of rearrange(waiting.map((each) => each.job))) {
        if (first !== undefined) queue.submit(job, first.options).catch(() => {});
      }
      isQuiet = false;
      queue.work(run);
    },
  };
}

const rule2: readonly BrokenQueue[] = [
  broken(2, "a job runs twice", (queue) => ({
    work: (run) =>
      queue.work(async (claim) => {
        await run(claim);
        await run(claim);
      }),
  })),
  broken(2, "last come, first served", (queue) => rearranged(queue, (jobs) => jobs.toReversed())),
  broken(2, "keys take no turns", (queue) =>
    rearranged(queue, (jobs) => jobs.map((job) => ({ ...job, limitKey: "all" }))),
  ),
  broken(2, "the mark before a call is not kept", (queue) => ({
    work: (run) => queue.work((claim) => run({ ...claim, markDispatch: async () => true })),
  })),
];

const rule3: readonly BrokenQueue[] = [
  broken(3, "limits.running is not kept", (queue) => ({
    submit: (job, { limits, startBy }) => queue.submit(job, { limits: { ...limits, running: 100 }, startBy }),
  })),
  broken(3, "a key at its limit holds up the others", (queue) => {
    const running = new Set<string>();
    return {
      submit: (job, { limits, startBy }) => {
        if (limits.running > 1) return queue.submit(job, { limits, startBy });
        running.add(job.id);
        return queue.submit({ ...job, limitKey: "all" }, { limits, startBy });
      },
      work: (run) =>
        queue.work((claim) => (running.size > 1 && !running.has(claim.job.id) ? never : run(claim))),
    };
  }),
  broken(3, "limits.queued is not kept", (queue) => ({
    submit: (job, { limits, startBy }) => queue.submit(job, { limits: { ...limits, queued: 100 }, startBy }),
  })),
  { rule: 3, how: "the capacity is not kept", create: ({ clock }) => memoryJobs({ clock }) },
  broken(3, "submit after close is refused in other words", (queue) => ({
    submit: (job, options) =>
      queue.submit(job, options).catch((error: unknown) => {
        if (GatewayError.is(error) && error.code !== "draining") throw error;
        throw new GatewayError("closed", "closed");
      }),
  })),
];

export const brokenTurns: readonly BrokenQueue[] = [...rule2, ...rule3];
