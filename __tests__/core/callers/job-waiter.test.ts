import { getEventListeners } from "node:events";
import { memoryJobs } from "express-image-gateway/jobs/memory";

import { createJobWaiter } from "../../../lib/core/callers/job-waiter";
import type { NewJob } from "../../../lib/ports";
import { refusalOf, request } from "../bench";

const newJob = (id: string): NewJob => ({
  id,
  owner: "o",
  limitKey: "o",
  requestId: "r",
  request: request(),
  responseFormat: "url",
  provider: "p",
  warnings: [],
});

const bench = () => {
  const queue = memoryJobs();
  const submit = (id: string) =>
    queue.submit(newJob(id), { limits: { running: 1, queued: 10 }, startBy: Number.POSITIVE_INFINITY });
  return { queue, submit, waiter: createJobWaiter(queue), signal: new AbortController().signal };
};

describe("createJobWaiter", () => {
  it("tells everybody who waits for the job, and nobody else", async () => {
    const { queue, submit, waiter, signal } = bench();
    await submit("a");
    await submit("b");
    const both = [waiter.ended("a", signal), waiter.ended("a", signal)];
    let isOther = false;
    const other = waiter.ended("b", signal).then(() => {
      isOther = true;
    });
    await queue.cancel("a");
    expect((await Promise.all(both)).map(({ id, status }) => `${id} ${status}`)).toEqual([
      "a cancelled",
      "a cancelled",
    ]);
    expect(isOther).toBe(false);
    await queue.cancel("b");
    await other;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("tells the end of a job that had ended before anybody waited", async () => {
    const { queue, submit, waiter, signal } = bench();
    await submit("a");
    await queue.cancel("a");
    expect((await waiter.ended("a", signal)).status).toBe("cancelled");
  });

  it("does not wait for a job that is gone or was never there", async () => {
    const { queue, submit, waiter, signal } = bench();
    await submit("a");
    await queue.remove("a");
    expect((await refusalOf(waiter.ended("a", signal))).code).toBe("job_not_found");
    expect((await refusalOf(waiter.ended("never", signal))).code).toBe("job_not_found");
  });

  it("tells those who wait that a job was removed", async () => {
    const { queue, submit, waiter, signal } = bench();
    await submit("a");
    const waiting = waiter.ended("a", signal);
    await queue.remove("a");
    expect((await waiting).status).toBe("cancelled");
  });

  it("gives up with the caller's reason, at once or later, and lets the job be", async () => {
    const { queue, submit, waiter } = bench();
    await submit("a");
    const reason = new Error("gone");
    await expect(waiter.ended("a", AbortSignal.abort(reason))).rejects.toBe(reason);
    const later = new AbortController();
    const waiting = waiter.ended("a", later.signal);
    later.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(later.signal, "abort")).toHaveLength(0);
    expect((await queue.get("a"))?.status).toBe("queued");
  });

  it("hands an error of the queue on", async () => {
    const queue = { ...memoryJobs(), get: () => Promise.reject(new Error("queue down")) };
    const waiter = createJobWaiter(queue);
    await expect(waiter.ended("a", new AbortController().signal)).rejects.toThrow("queue down");
  });
});
