import { getEventListeners } from "node:events";
import { memoryJobs } from "express-image-gateway/jobs/memory";

import { waitForEnd } from "../../../lib/core/callers/wait-for-end";
import type { NewJob } from "../../../lib/ports";
import { jobPlan } from "../../support/jobs";
import { refusalOf, request } from "../bench";

const newJob = (id: string): NewJob => ({
  id,
  owner: "o",
  limitKey: "o",
  requestId: "r",
  request: request(),
  responseFormat: "url",
  provider: "p",
  plan: jobPlan(),
  warnings: [],
});

const bench = () => {
  const queue = memoryJobs();
  const submit = (id: string) =>
    queue.submit(newJob(id), { limits: { running: 1, queued: 10 }, startBy: Number.POSITIVE_INFINITY });
  const { signal } = new AbortController();
  return { queue, submit, ended: (id: string, how = signal) => waitForEnd(queue, id, how), signal };
};

describe("waitForEnd", () => {
  it("tells everybody who waits for the job, and nobody else", async () => {
    const { queue, submit, ended, signal } = bench();
    await submit("a");
    await submit("b");
    const both = [ended("a"), ended("a")];
    let isOther = false;
    const other = ended("b").then(() => {
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
    const { queue, submit, ended } = bench();
    await submit("a");
    await queue.cancel("a");
    expect((await ended("a")).status).toBe("cancelled");
  });

  it("does not wait for a job that is gone or was never there", async () => {
    const { queue, submit, ended } = bench();
    await submit("a");
    await queue.remove("a");
    expect((await refusalOf(ended("a"))).code).toBe("job_not_found");
    expect((await refusalOf(ended("never"))).code).toBe("job_not_found");
  });

  it("tells those who wait that a job was removed", async () => {
    const { queue, submit, ended } = bench();
    await submit("a");
    const waiting = ended("a");
    await queue.remove("a");
    expect((await waiting).status).toBe("cancelled");
  });

  it("gives up with the caller's reason, at once or later, and lets the job be", async () => {
    const { queue, submit, ended } = bench();
    await submit("a");
    const reason = new Error("gone");
    await expect(ended("a", AbortSignal.abort(reason))).rejects.toBe(reason);
    const later = new AbortController();
    const waiting = ended("a", later.signal);
    later.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(later.signal, "abort")).toHaveLength(0);
    expect((await queue.get("a"))?.status).toBe("queued");
  });

  it("hands an error of the queue on", async () => {
    const queue = { ...memoryJobs(), get: () => Promise.reject(new Error("queue down")) };
    await expect(waitForEnd(queue, "a", new AbortController().signal)).rejects.toThrow("queue down");
  });

  it("stops listening when the caller leaves while listening begins", async () => {
    const queue = memoryJobs();
    let stopped = 0;
    let begin = () => {};
    const slow = {
      get: queue.get,
      follow: async () => {
        await new Promise<void>((resolve) => {
          begin = resolve;
        });
        return () => {
          stopped += 1;
        };
      },
    };
    const caller = new AbortController();
    const waiting = waitForEnd(slow, "a", caller.signal);
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    begin();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(1);
  });
});
