import { Stop } from "../../../lib/internal/stop";
import type { JobOutcome } from "../../../lib/ports";
import { GatewayError, isTerminal } from "../../../lib/ports";
import type { BrokenQueue } from "./broken";
import { broken } from "./broken";

const never = new Promise<void>(() => {});

const rule1: readonly BrokenQueue[] = [
  broken(1, "a runner that comes back without an end leaves the job open", (queue) => ({
    work: (run) =>
      queue.work(async (claim) => {
        await run(claim).catch(() => {});
        const job = await queue.get(claim.job.id);
        if (job !== undefined && !isTerminal(job) && !claim.signal.aborted) await never;
      }),
  })),
  broken(1, "startBy is forgotten", (queue) => ({
    submit: (job, { limits }) => queue.submit(job, { limits, startBy: Number.POSITIVE_INFINITY }),
  })),
  broken(1, "close leaves the jobs as they are", (queue) => {
    let isClosed = false;
    return {
      submit: async (job, options) => {
        if (isClosed) throw new GatewayError("draining", "closed");
        return queue.submit(job, options);
      },
      close: async () => {
        isClosed = true;
      },
    };
  }),
  broken(1, "close aborts what runs at once", (queue) => {
    const closing = new Stop();
    return {
      work: (run) =>
        queue.work((claim) => {
          const stop = new Stop();
          stop.follow(claim.signal);
          stop.follow(closing);
          return run({ ...claim, signal: stop });
        }),
      close: (options) => {
        closing.abort(new Error("closing"));
        return queue.close(options);
      },
    };
  }),
];

const rule4: readonly BrokenQueue[] = [
  broken(4, "settle gives a job that had ended", (queue) => ({
    settle: async (id, outcome) => (await queue.settle(id, outcome)) ?? queue.get(id),
  })),
  broken(4, "update gives a job that had ended", (queue) => ({
    update: async (id, change) => (await queue.update(id, change)) ?? queue.get(id),
  })),
  broken(4, "the last end wins", (queue) => {
    const later = new Map<string, JobOutcome["status"]>();
    return {
      settle: async (id, outcome) => {
        const ended = await queue.settle(id, outcome);
        if (ended === undefined) later.set(id, outcome.status);
        return ended;
      },
      get: async (id) => {
        const job = await queue.get(id);
        return job && { ...job, status: later.get(id) ?? job.status };
      },
    };
  }),
];

const rule6: readonly BrokenQueue[] = [
  broken(6, "cancel leaves a waiting job", (queue) => ({
    cancel: async (id) => {
      const job = await queue.get(id);
      return job?.status === "queued" ? job : queue.cancel(id);
    },
  })),
  broken(6, "cancel does not abort", (queue) => ({
    cancel: async (id) => {
      const job = await queue.get(id);
      return job?.status === "in_progress" ? job : queue.cancel(id);
    },
  })),
  broken(6, "cancel ends a running job itself", (queue) => ({
    cancel: async (id) => {
      const job = await queue.cancel(id);
      if (job?.status !== "in_progress") return job;
      const error = { code: "job_cancelled", message: "", type: "", param: null, retry: false } as const;
      return queue.settle(id, { status: "cancelled", error });
    },
  })),
  broken(6, "cancel gives nothing for a job that has ended", (queue) => ({
    cancel: async (id) => {
      const before = await queue.get(id);
      const job = await queue.cancel(id);
      return before !== undefined && isTerminal(before) ? undefined : job;
    },
  })),
];

const rule9: readonly BrokenQueue[] = [
  broken(9, "remove only cancels", (queue) => ({ remove: (id) => queue.cancel(id) })),
  broken(9, "remove lets a job run on", (queue) => {
    const removed = new Set<string>();
    return {
      remove: async (id) => {
        const job = await queue.get(id);
        if (job !== undefined && isTerminal(job)) return queue.remove(id);
        removed.add(id);
        return job;
      },
      get: async (id) => (removed.has(id) ? undefined : queue.get(id)),
      update: async (id, change) => (removed.has(id) ? undefined : queue.update(id, change)),
      list: async (query) => {
        const page = await queue.list(query);
        return { ...page, jobs: page.jobs.filter(({ id }) => !removed.has(id)) };
      },
    };
  }),
];

export const brokenEnds: readonly BrokenQueue[] = [...rule1, ...rule4, ...rule6, ...rule9];
