import { memoryJobs } from "express-image-gateway/jobs/memory";
import { GatewayError, type JobRecord } from "../../../lib/ports";
import { COMPLETED, newJob, openBench, settle } from "./bench";

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: unknown) => (GatewayError.is(error) ? error.code : error),
  );

describe("a job that need not wait", () => {
  it("is told as queued and then as in progress, before its runner is called", async () => {
    const queue = memoryJobs({ clock: () => 1_000 });
    const heard: string[] = [];
    queue.watch((job) => heard.push(`${job.seq} ${job.status}`));
    queue.work(async () => {
      heard.push("run");
    });
    const submitted = queue.submit(newJob(), { limits: { running: 1, queued: 0 }, startBy: 2_000 });
    expect(heard).toEqual(["1 queued", "2 in_progress"]);
    expect(await submitted).toMatchObject({ status: "in_progress", seq: 2, startedAt: 1_000 });
    await settle();
    expect(heard).toEqual(["1 queued", "2 in_progress", "run", "3 failed"]);
  });

  it("is refused neither by a full queue nor by a key that may have nobody waiting", async () => {
    const { submit } = openBench({ maxQueued: 1 });
    await submit({ limits: { running: 1 } });
    await submit({ limits: { running: 1 } });
    expect((await submit({ limitKey: "another", limits: { queued: 0 } })).status).toBe("in_progress");
  });
});

describe("admission", () => {
  it("refuses what neither may run nor wait, and counts what left no more", async () => {
    const { submit, finish } = openBench({ maxQueued: 2 });
    const limits = { running: 1, queued: 1 };
    const first = await submit({ limits });
    await submit({ limits });
    expect(await codeOf(submit({ limits }))).toBe("concurrency_limit");
    await submit({ limitKey: "b", limits });
    await submit({ limitKey: "b", limits });
    const full = submit({ limitKey: "c", limits: { running: 0, queued: 1 } });
    await expect(full).rejects.toMatchObject({ code: "queue_full", status: 503, retryAfterSeconds: 5 });
    await finish(first.id);
    expect((await submit({ limits })).status).toBe("queued");
  });

  it("leaves no trace of a refused job", async () => {
    const { submit, queue, heard } = openBench({ maxQueued: 0, works: false });
    expect(await codeOf(submit())).toBe("queue_full");
    expect(heard).toEqual([]);
    expect((await queue.list({ owner: "owner", limit: 10 })).jobs).toEqual([]);
  });

  it("refuses an id that it knows, and a second runner", async () => {
    const { submit, queue, heardOf } = openBench();
    const { id } = await submit();
    await expect(submit({ id })).rejects.toThrow("has a job of this id");
    expect(heardOf(id)).toHaveLength(2);
    expect(() => queue.work(async () => {})).toThrow("has a runner");
  });
});

describe("whose turn it is", () => {
  it.each([1, 3])(
    "lets a modest key wait for two jobs of a flood at most, with %p at work",
    async (maxRunning) => {
      const { submit, finish, claims } = openBench({ maxRunning });
      const ended = new Set<string>();
      const finishOldest = async () => {
        const oldest = claims.find(({ job }) => !ended.has(job.id))?.job.id ?? "";
        ended.add(oldest);
        await finish(oldest);
      };
      for (let index = 0; index < 50; index += 1) await submit({ limitKey: "flood", limits: { running: 4 } });
      for (let round = 0; round < 5; round += 1) {
        const before = claims.length;
        const modest = await submit({ limitKey: "modest" });
        for (let ends = 0; ends < 3; ends += 1) await finishOldest();
        const started = claims.slice(before).map(({ job }) => job.id);
        expect(started.indexOf(modest.id)).toBeGreaterThanOrEqual(0);
        expect(started.indexOf(modest.id)).toBeLessThanOrEqual(2);
      }
    },
  );

  it("keeps a place taken until the runner is back, though the job has ended or is gone", async () => {
    const { submit, queue, letGo, statusOf } = openBench({ maxRunning: 2 });
    const [ends, goes, waits] = [await submit(), await submit(), await submit()];
    await queue.settle(ends.id, COMPLETED);
    await queue.remove(goes.id);
    await settle();
    expect(await statusOf(waits.id)).toBe("queued");
    await letGo(goes.id);
    expect(await statusOf(waits.id)).toBe("in_progress");
  });

  it("starts what waited before there was a runner", async () => {
    const { submit, queue, statusOf } = openBench({ works: false });
    const jobs = [await submit(), await submit()];
    queue.work(async () => {});
    expect(await Promise.all(jobs.map(({ id }) => statusOf(id)))).toEqual(["in_progress", "in_progress"]);
    await settle();
    expect((await queue.get(jobs[0]?.id ?? ""))?.error).toMatchObject({
      code: "internal_error",
      retry: false,
    });
  });

  it("uses every place although runners throw before they begin", async () => {
    const queue = memoryJobs({ maxRunning: 1 });
    queue.work(() => {
      throw new Error("a broken runner");
    });
    const limits = { running: 1, queued: 9 };
    const jobs = await Promise.all(
      [1, 2, 3].map(() => queue.submit(newJob(), { limits, startBy: Infinity })),
    );
    await settle();
    const ended = await Promise.all(jobs.map(({ id }) => queue.get(id)));
    expect(ended.map((job) => job?.error?.code)).toEqual(Array(3).fill("internal_error"));
  });
});

describe("cancelling", () => {
  it("gives the claim the reason, once", async () => {
    const { submit, queue, claimOf, statusOf, letGo } = openBench();
    const { id } = await submit();
    const aborted = jest.fn();
    claimOf(id).signal.addEventListener("abort", aborted);
    await queue.cancel(id);
    await queue.cancel(id);
    expect(aborted).toHaveBeenCalledTimes(1);
    const { reason } = claimOf(id).signal;
    expect(GatewayError.is(reason) && [reason.code, reason.message]).toEqual([
      "job_cancelled",
      "The job was cancelled.",
    ]);
    expect(await statusOf(id)).toBe("in_progress");
    await letGo(id);
    expect(await queue.get(id)).toMatchObject({ status: "cancelled", error: { code: "job_cancelled" } });
  });

  it("wins over every end that a runner tells later", async () => {
    const { submit, queue } = openBench();
    const error = { code: "upstream_error", message: "m", type: "t", param: null, retry: false } as const;
    for (const outcome of [COMPLETED, { status: "failed", error }] as const) {
      const { id } = await submit();
      await queue.cancel(id);
      expect(await queue.settle(id, outcome)).toMatchObject({
        status: "cancelled",
        error: { code: "job_cancelled" },
      });
    }
  });

  it("loses against an end that is being told, in which order both are asked for", async () => {
    const { submit, queue, claimOf, heardOf } = openBench();
    const { id } = await submit();
    const [settled, cancelled] = await Promise.all([queue.settle(id, COMPLETED), queue.cancel(id)]);
    expect(cancelled).toBe(settled);
    expect(settled?.status).toBe("completed");
    expect(claimOf(id).signal.aborted).toBe(false);
    expect(heardOf(id).filter(({ completedAt }) => completedAt !== undefined)).toHaveLength(1);
  });

  it("may come from a runner's own abort listener's settling", async () => {
    const { submit, queue, claimOf } = openBench();
    const { id } = await submit();
    const answers: Promise<unknown>[] = [];
    claimOf(id).signal.addEventListener("abort", () => answers.push(queue.settle(id, COMPLETED)));
    expect(await queue.cancel(id)).toMatchObject({ status: "cancelled" });
    expect(await Promise.all(answers)).toEqual([await queue.get(id)]);
  });

  it("keeps a runner from being called when it comes between start and call", async () => {
    const queue = memoryJobs();
    const run = jest.fn(async () => {});
    queue.work(run);
    const job = newJob();
    await Promise.all([
      queue.submit(job, { limits: { running: 1, queued: 1 }, startBy: Infinity }),
      queue.cancel(job.id),
    ]);
    await settle();
    expect(run).not.toHaveBeenCalled();
    expect((await queue.get(job.id))?.status).toBe("cancelled");
  });

  it.each(["cancel", "remove"] as const)(
    "by a listener that hears of the submission (%s) comes in time",
    async (how) => {
      const { submit, queue, claims, heardOf } = openBench();
      const answers: Promise<unknown>[] = [];
      queue.watch((job) => {
        if (job.status === "queued") answers.push(queue[how](job.id));
      });
      const { id } = await submit();
      await Promise.all(answers);
      expect(heardOf(id).map(({ status }) => status)).toEqual(["queued", "cancelled"]);
      expect(claims).toEqual([]);
    },
  );
});

describe("a listener that hears of a submission", () => {
  /** Submits another job from within the first news of one. */
  const nested = async (queued: number) => {
    const bench = openBench();
    const limits = { running: 1, queued };
    const settled: Promise<PromiseSettledResult<JobRecord>[]>[] = [];
    const unwatch = bench.queue.watch(() => {
      unwatch();
      settled.push(Promise.allSettled([bench.submit({ limits })]));
    });
    const { id } = await bench.submit({ limits });
    const [other] = (await Promise.all(settled)).flat();
    return { ...bench, id, other };
  };

  it("may submit another, which waits behind it: no more run than may", async () => {
    const { id, other, statusOf, claims, finish } = await nested(1);
    if (other?.status !== "fulfilled") throw new Error("the other was refused");
    await settle();
    expect(claims.map(({ job }) => job.id)).toEqual([id]);
    expect(await statusOf(other.value.id)).toBe("queued");
    await finish(id);
    expect(await statusOf(other.value.id)).toBe("in_progress");
  });

  it("may not submit one more than may wait", async () => {
    const { id, other, statusOf } = await nested(0);
    expect(other).toMatchObject({ status: "rejected", reason: { code: "concurrency_limit" } });
    expect(await statusOf(id)).toBe("in_progress");
  });

  it("leaves a place free where it stops the job, and others take it", async () => {
    const { queue, submit, statusOf } = openBench({ maxRunning: 1 });
    const others: Promise<JobRecord>[] = [];
    const unwatch = queue.watch((job) => {
      unwatch();
      others.push(submit({ limitKey: "another" }));
      void queue.cancel(job.id);
    });
    const { id } = await submit();
    const [other] = await Promise.all(others);
    expect([await statusOf(id), await statusOf(other?.id ?? "")]).toEqual(["cancelled", "in_progress"]);
  });

  it("does not keep the job from its place by throwing", async () => {
    const { queue, submit, statusOf, claims } = openBench();
    const unwatch = queue.watch(() => {
      unwatch();
      throw new Error("of the listener");
    });
    const job = newJob();
    await expect(submit(job)).rejects.toThrow("of the listener");
    await settle();
    expect([await statusOf(job.id), claims.length]).toEqual(["in_progress", 1]);
  });

  it("does not get ahead of those that wait, by the end of another", async () => {
    const { queue, submit, claims, letGo } = openBench({ maxRunning: 1 });
    const first = await submit({ limitKey: "a" });
    const second = await submit({ limitKey: "b" });
    const others: Promise<JobRecord>[] = [];
    queue.watch(({ id, status }) => {
      if (id === first.id && status === "failed") others.push(submit({ limitKey: "c" }));
    });
    await letGo(first.id);
    await Promise.all(others);
    await settle();
    expect(others).toHaveLength(1);
    expect(claims.map(({ job }) => job.id)).toEqual([first.id, second.id]);
  });

  it("may close the queue: the job does not begin", async () => {
    const { submit, queue, claims, statusOf } = openBench();
    const closings: unknown[] = [];
    queue.watch((job) => {
      if (job.status === "queued") closings.push(queue.close({ timeoutMs: 1_000 }));
    });
    const { id } = await submit();
    await Promise.all(closings);
    expect(await statusOf(id)).toBe("failed");
    expect(claims).toEqual([]);
  });
});

describe("removing", () => {
  it("ends a running job for all who listen, aborts its claim, and hears its runner no more", async () => {
    const { submit, queue, claimOf, heardOf, finish } = openBench();
    const { id } = await submit();
    const removed = await queue.remove(id);
    expect(removed).toMatchObject({ id, status: "cancelled", error: { code: "job_cancelled" } });
    expect(claimOf(id).signal.aborted).toBe(true);
    expect(await finish(id)).toBeUndefined();
    expect(await queue.nextSeq(id)).toBeUndefined();
    expect(await queue.get(id)).toBeUndefined();
    expect(heardOf(id).at(-1)).toBe(removed);
  });

  it("does not abort a runner that tidies up after the end of its job", async () => {
    const { submit, queue, claimOf } = openBench();
    const { id } = await submit();
    const ended = await queue.settle(id, COMPLETED);
    expect(await queue.remove(id)).toBe(ended);
    expect(claimOf(id).signal.aborted).toBe(false);
  });
});
