import type { JobQueue, JobRecord } from "../../../lib/ports";
import type { BrokenQueue } from "./broken";
import { broken } from "./broken";

const rule11: readonly BrokenQueue[] = [
  broken(11, "a key is not looked at", (queue) => ({
    submit: ({ idempotencyKey, ...job }, options) => queue.submit(job, options),
  })),
  broken(11, "two at once are both new", (queue) => {
    const bearers = new Map<string, string>();
    return {
      submit: async ({ idempotencyKey: key, ...job }, options) => {
        if (key === undefined) return queue.submit(job, options);
        const known = bearers.get(key);
        const same = known === undefined ? undefined : await queue.get(known);
        if (same !== undefined && same.status !== "cancelled" && same.error?.retry !== true) return same;
        const begun = await queue.submit(job, options);
        bearers.set(key, begun.id);
        return begun;
      },
    };
  }),
  broken(11, "a key is never free again", (queue) => {
    const bearers = new Map<string, JobRecord>();
    return {
      submit: async (job, options) => {
        const { idempotencyKey: key } = job;
        const begun = (key && bearers.get(key)) || (await queue.submit(job, options));
        if (key !== undefined) bearers.set(key, begun);
        return (await queue.get(begun.id)) ?? begun;
      },
    };
  }),
  broken(11, "all keys are one", (queue) => ({
    submit: (job, options) =>
      queue.submit(job.idempotencyKey === undefined ? job : { ...job, idempotencyKey: "the key" }, options),
  })),
];

const rule12: readonly BrokenQueue[] = [
  broken(12, "nothing is ever an orphan", () => ({ abandon: async () => {} })),
  broken(12, "an orphan is given again and again", (queue) => ({
    adopt: async (orphan) => {
      const job = await queue.adopt(orphan);
      if (job !== undefined) await queue.abandon(job.id, orphan.fingerprint);
      return job;
    },
  })),
  broken(12, "an orphan is given to anybody", (queue) => {
    let owner = "";
    return {
      submit: (job, options) => {
        owner = job.owner;
        return queue.submit(job, options);
      },
      adopt: ({ fingerprint }) => queue.adopt({ owner, fingerprint }),
    };
  }),
  broken(12, "a caller that waits is robbed", (queue) => ({
    submit: async (job, options) => {
      const begun = await queue.submit(job, options);
      await queue.abandon(begun.id, "digest of a request");
      return begun;
    },
  })),
  broken(12, "an orphan is given however it ended", (queue) => {
    const left = new Set<string>();
    return {
      abandon: async (id, fingerprint) => {
        left.add(id);
        await queue.abandon(id, fingerprint);
      },
      adopt: async (orphan) => {
        const given = await queue.adopt(orphan);
        const jobs = await Promise.all([...left].map((id) => queue.get(id)));
        const ended = jobs.find((job) => job?.completedAt !== undefined);
        left.clear();
        return given ?? ended;
      },
    };
  }),
  broken(12, "a job that nobody knows is an error", (queue) => ({
    abandon: async (id, fingerprint) => {
      if ((await queue.get(id)) === undefined) throw new Error("unknown");
      await queue.abandon(id, fingerprint);
    },
  })),
  broken(12, "the youngest orphan comes first", (queue) => ({ adopt: youngestFirst(queue) })),
  broken(12, "being abandoned is a change", (queue) => ({
    abandon: async (id, fingerprint) => {
      await queue.nextSeq(id);
      await queue.abandon(id, fingerprint);
    },
  })),
];

function youngestFirst(queue: JobQueue): JobQueue["adopt"] {
  return async (orphan) => {
    const given: JobRecord[] = [];
    for (;;) {
      const job = await queue.adopt(orphan);
      if (job === undefined) break;
      given.push(job);
    }
    const last = given.pop();
    for (const { id } of given) await queue.abandon(id, orphan.fingerprint);
    return last;
  };
}

export const brokenReuse: readonly BrokenQueue[] = [...rule11, ...rule12];
