import { memoryJobs } from "express-image-gateway/jobs/memory";

import { anonymousCaller, type Caller, knownCaller } from "../../../lib/core/callers/caller";
import { ownedJobs } from "../../../lib/core/callers/owned-jobs";
import { jobPlan } from "../../support/jobs";
import { request } from "../bench";

const ann = knownCaller({ id: "ann" });
const bob = knownCaller({ id: "bob" });
const anonymous = (id: string) => anonymousCaller({ id }, "127.0.0.1");
const idOf = (digit: number | string) => `imgjob_${String(digit).padStart(32, "0")}`;

function bench() {
  const queue = memoryJobs();
  const submit = (caller: Caller, id: string, clientRequestId?: string) =>
    queue.submit(
      {
        id,
        owner: caller.owner,
        limitKey: caller.limitKey,
        requestId: "r",
        ...(clientRequestId === undefined ? {} : { clientRequestId }),
        request: request(),
        responseFormat: "url",
        provider: "p",
        plan: jobPlan(),
        warnings: [],
      },
      { limits: { running: 1, queued: 1000 }, startBy: Number.POSITIVE_INFINITY },
    );
  return { queue, submit, jobs: ownedJobs(queue) };
}

describe("ownedJobs", () => {
  it("follows nothing that it could not read", async () => {
    const { queue, submit } = bench();
    await submit(ann, idOf(1));
    let reads = 0;
    let followers = 0;
    const jobs = ownedJobs({
      ...queue,
      async get(id) {
        reads += 1;
        if (reads > 1) throw new Error("the queue is away");
        return queue.get(id);
      },
      async follow() {
        followers += 1;
        return () => {
          followers -= 1;
        };
      },
    });
    await expect(jobs.follow(ann, idOf(1), () => {})).rejects.toThrow("away");
    expect(followers).toBe(0);
  });

  it("finds, cancels and lists the caller's own", async () => {
    const { jobs, submit } = bench();
    await submit(ann, idOf(1));
    await submit(bob, idOf(2));
    await submit(ann, idOf(3));
    expect((await jobs.find(ann, idOf(1)))?.id).toBe(idOf(1));
    const page = await jobs.list(ann, { limit: 10 });
    expect(page.jobs.map(({ id }) => id)).toEqual([idOf(3), idOf(1)]);
    expect((await jobs.cancel(ann, idOf(1)))?.status).toBe("cancelled");
    expect((await jobs.cancel(ann, idOf(1)))?.status).toBe("cancelled");
    expect((await jobs.list(ann, { limit: 10, live: true, order: "asc" })).jobs.map(({ id }) => id)).toEqual([
      idOf(3),
    ]);
  });

  it("knows a foreign job as little as one that never was", async () => {
    const { jobs, queue, submit } = bench();
    await submit(bob, idOf(2));
    for (const id of [idOf(2), idOf(9)]) {
      expect(await jobs.find(ann, id)).toBeUndefined();
      expect(await jobs.cancel(ann, id)).toBeUndefined();
    }
    expect((await queue.get(idOf(2)))?.status).toBe("queued");
  });

  it.each([
    "",
    "imgjob_",
    "__proto__",
    `imgjob_${"A".repeat(32)}`,
    `${"imgjob_"}${"0".repeat(33)}`,
    " ",
    "imgjob_*",
  ])("does not even ask the queue for %j", async (id) => {
    const get = jest.fn(async () => undefined);
    const jobs = ownedJobs({ ...memoryJobs(), get });
    expect(await jobs.find(ann, id)).toBeUndefined();
    expect(await jobs.cancel(ann, id)).toBeUndefined();
    expect(get).not.toHaveBeenCalled();
  });

  it("finds by client request id among the caller's own only, newest first", async () => {
    const { jobs, submit } = bench();
    await submit(ann, idOf(1), "same");
    await submit(bob, idOf(2), "same");
    await submit(ann, idOf(3), "same");
    await submit(ann, idOf(4), "other");
    const found = await jobs.byClientRequestId(ann, "same");
    expect(found.map(({ id }) => id)).toEqual([idOf(3), idOf(1)]);
    expect(await jobs.byClientRequestId(ann, "none")).toEqual([]);
  });

  it("looks for a client request id through the newest two hundred", async () => {
    const { jobs, submit } = bench();
    await submit(ann, idOf("a"), "old");
    await submit(ann, idOf("b"), "mine");
    for (let index = 0; index < 199; index += 1) await submit(ann, idOf(index));
    expect(await jobs.byClientRequestId(ann, "mine")).toHaveLength(1);
    expect(await jobs.byClientRequestId(ann, "old")).toHaveLength(0);
  });

  it("shows anonymous callers no list, but a job to whoever knows its id", async () => {
    const { jobs, submit } = bench();
    const one = anonymous("anon_1");
    await submit(one, idOf(1), "x".repeat(32));
    expect(await jobs.list(one, { limit: 10 })).toEqual({ jobs: [], hasMore: false });
    expect((await jobs.find(anonymous("anon_2"), idOf(1)))?.id).toBe(idOf(1));
    expect(await jobs.find(ann, idOf(1))).toBeUndefined();
  });
});
