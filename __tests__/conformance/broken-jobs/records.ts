import { memoryJobs } from "express-image-gateway/jobs/memory";
import type { JobListener, JobQueue, JobRecord, NewJob } from "../../../lib/ports";
import { isTerminal } from "../../../lib/ports";
import type { BrokenQueue } from "./broken";
import { broken, retold } from "./broken";

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
    for (const listener of listeners) listener(job);
  };
  return { watch, tell };
}

const rule5: readonly BrokenQueue[] = [
  broken(5, "listeners hear everything twice", (queue) => ({
    watch: retold(queue, (job, tell) => {
      tell(job);
      tell(job);
    }),
  })),
  broken(5, "who follows a job before its submit misses the beginning", (queue) => ({
    follow: (id, listener) =>
      queue.follow(id, (job) => {
        if (job.status !== "queued") listener(job);
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
        tell(isTerminal(job) ? job : { ...job, progress: asked.get(job.id) ?? job.progress });
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
  broken(5, "followers hear of every job", (queue) => ({ follow: (_id, listener) => queue.watch(listener) })),
  broken(5, "followers do not hear of the end", (queue) => ({
    follow: (id, listener) => queue.follow(id, (job) => !isTerminal(job) && listener(job)),
  })),
  broken(5, "followers cannot stop", (queue) => ({
    follow: async (id, listener) => {
      await queue.follow(id, listener);
      return () => {};
    },
  })),
  broken(5, "listeners cannot stop", (queue) => ({
    watch: (listener) => {
      queue.watch(listener);
      return () => {};
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
        const key = `${id} ${job.seq} ${job.abandonedAt}`;
        const copy = copies.get(key) ?? { ...job, request: { ...job.request }, warnings: [...job.warnings] };
        copies.set(key, copy);
        return copy;
      },
    };
  }),
];

export const brokenRecords: readonly BrokenQueue[] = [...rule5, ...rule7, ...rule8, ...rule10];
