import { memoryJobs } from "express-image-gateway/jobs/memory";
import type { Clock, JobListener, JobOutcome, JobQueue, JobRecord, NewJob } from "../../lib/ports";
import { GatewayError, isTerminal } from "../../lib/ports";

interface Given {
  readonly clock: Clock;
  readonly maxQueued: number;
}

/** A queue that breaks one rule, and one only. */
export interface BrokenQueue {
  readonly rule: number;
  readonly how: string;
  readonly create: (given: Given) => JobQueue;
}

const whole: JobQueue[] = [];

/** Closes what a broken `close` may have left open. */
export async function closeBrokenQueues(): Promise<void> {
  await Promise.all(whole.map((queue) => queue.close({ timeoutMs: 0 })));
}

const broken = (rule: number, how: string, spoil: (queue: JobQueue) => Partial<JobQueue>): BrokenQueue => ({
  rule,
  how,
  create: (given) => {
    const queue = memoryJobs(given);
    whole.push(queue);
    return { ...queue, ...spoil(queue) };
  },
});

const never = new Promise<void>(() => {});

/** Shows listeners something else than what happened. */
const retold = (queue: JobQueue, retell: (job: JobRecord, tell: JobListener) => void): JobQueue["watch"] => {
  return (listener) => queue.watch((job) => retell(job, listener));
};

/** Keeps the listeners at hand, for news that never happened. */
function megaphone(queue: JobQueue) {
  const listeners = new Set<JobListener>();
  const watch: JobQueue["watch"] = (listener) => {
    listeners.add(listener);
    const stop = queue.watch(listener);
    return () => {
      listeners.delete(listener);
      stop();
    };
  };
  const tell = (job: JobRecord) => {
    for (const listener of listeners) listener(job, "here");
  };
  return { watch, tell };
}

/** When work begins, submits what waits anew, as `rearrange` says. */
function rearranged(
  queue: JobQueue,
  rearrange: (jobs: readonly NewJob[]) => readonly NewJob[],
): Partial<JobQueue> {
  let waiting: { readonly job: NewJob; readonly options: Parameters<JobQueue["submit"]>[1] }[] = [];
  let isQuiet = false;
  return {
    watch: retold(queue, (job, tell) => {
      if (!isQuiet) tell(job, "here");
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
    const closing = new AbortController();
    return {
      work: (run) =>
        queue.work((claim) => run({ ...claim, signal: AbortSignal.any([claim.signal, closing.signal]) })),
      close: (options) => {
        closing.abort();
        return queue.close(options);
      },
    };
  }),
];

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

const rule5: readonly BrokenQueue[] = [
  broken(5, "listeners hear everything twice", (queue) => ({
    watch: retold(queue, (job, tell) => {
      tell(job, "here");
      tell(job, "here");
    }),
  })),
  broken(5, "nextSeq draws no number", (queue) => ({
    nextSeq: async (id) => {
      const job = await queue.get(id);
      return job === undefined || isTerminal(job) ? undefined : job.seq + 1;
    },
  })),
  broken(5, "progress falls", (queue) => {
    const asked = new Map<string, number>();
    return {
      watch: retold(queue, (job, tell) => {
        tell(isTerminal(job) ? job : { ...job, progress: asked.get(job.id) ?? job.progress }, "here");
      }),
      update: (id, change) => {
        asked.set(id, change.progress ?? 0);
        const [step = 0] = [asked.get(id)];
        return queue.update(id, { ...change, step });
      },
    };
  }),
  broken(5, "an update that says nothing new is told", (queue) => {
    const { watch, tell } = megaphone(queue);
    return {
      watch,
      update: async (id, change) => {
        const before = await queue.get(id);
        const job = await queue.update(id, change);
        if (job !== undefined && job.seq === before?.seq) tell(job);
        return job;
      },
    };
  }),
  broken(5, "listeners cannot stop", (queue) => ({
    watch: (listener) => {
      queue.watch(listener);
      return () => {};
    },
  })),
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

const rule7: readonly BrokenQueue[] = [
  {
    rule: 7,
    how: "jobs do not expire",
    create: ({ maxQueued }) => memoryJobs({ maxQueued }),
  },
  broken(7, "an unknown id is an error", (queue) => {
    const known = new Set<string>();
    return {
      submit: (job, options) => {
        known.add(job.id);
        return queue.submit(job, options);
      },
      get: async (id) => {
        if (!known.has(id)) throw new Error("unknown");
        return queue.get(id);
      },
    };
  }),
];

const rule8: readonly BrokenQueue[] = [
  broken(8, "list shows the jobs of others", (queue) => ({
    list: async (query) => {
      const pages = await Promise.all(["me", "they"].map((owner) => queue.list({ ...query, owner })));
      const [mine] = pages;
      return query.owner === "they"
        ? { jobs: pages.flatMap(({ jobs }) => jobs), hasMore: false }
        : (mine ?? queue.list(query));
    },
  })),
  broken(8, "list knows one order", (queue) => ({
    list: (query) => queue.list({ ...query, order: "desc" }),
  })),
  broken(8, "list begins at the start", (queue) => ({
    list: ({ after, ...query }) => queue.list(query),
  })),
  broken(8, "list shows jobs that have ended", (queue) => ({
    list: (query) => queue.list({ ...query, live: false }),
  })),
];

const rule9: readonly BrokenQueue[] = [
  broken(9, "remove only cancels", (queue) => ({ remove: (id) => queue.cancel(id) })),
  broken(9, "remove lets a job run on", (queue) => {
    const removed = new Set<string>();
    return {
      remove: async (id) => {
        removed.add(id);
        return queue.get(id);
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

const rule10: readonly BrokenQueue[] = [
  broken(10, "the record shares what was handed in", (queue) => {
    const given = new Map<string, NewJob>();
    return {
      submit: (job, options) => {
        given.set(job.id, job);
        return queue.submit(job, options);
      },
      get: async (id) => {
        const job = await queue.get(id);
        return job && !isTerminal(job) ? { ...job, warnings: given.get(id)?.warnings ?? [] } : job;
      },
    };
  }),
  broken(10, "one record changes with the job", (queue) => {
    const shared = new Map<string, JobRecord>();
    const share = (job: JobRecord) => {
      const record = Object.assign(shared.get(job.id) ?? {}, job);
      shared.set(job.id, record);
      return record;
    };
    return {
      submit: async (job, options) => share(await queue.submit(job, options)),
      settle: async (id, outcome) => {
        const job = await queue.settle(id, outcome);
        return job && share(job);
      },
    };
  }),
  broken(10, "readers share one record that can be written", (queue) => {
    const copies = new Map<string, JobRecord>();
    return {
      get: async (id) => {
        const job = await queue.get(id);
        if (job === undefined) return undefined;
        const key = `${id} ${job.seq}`;
        const copy = copies.get(key) ?? { ...job, request: { ...job.request }, warnings: [...job.warnings] };
        copies.set(key, copy);
        return copy;
      },
    };
  }),
];

export const brokenQueues: readonly BrokenQueue[] = [
  ...rule1,
  ...rule2,
  ...rule3,
  ...rule4,
  ...rule5,
  ...rule6,
  ...rule7,
  ...rule8,
  ...rule9,
  ...rule10,
];
