import { attend } from "../../../lib/core/callers/attend";
import { createHandover } from "../../../lib/core/pictures/handover";
import { memoryJobs } from "../../../lib/jobs/memory";
import type { JobOutcome } from "../../../lib/ports";
import { newJob } from "../../jobs/memory/bench";

const COMPLETED: JobOutcome = { status: "completed", images: [], warnings: [] };
const FREE = { limits: { running: 1, queued: 1 }, startBy: Number.POSITIVE_INFINITY };

/** A job that runs until it is settled, and the caller that waits for it. */
async function waited() {
  const queue = memoryJobs();
  const job = newJob();
  const handover = createHandover({ inOrder: true });
  await attend(queue, job.id, handover, { isNew: true });
  queue.work(() => new Promise(() => {}));
  await queue.submit(job, FREE);
  return { queue, job, handover };
}

it("tells the caller that waits for pictures how the job has ended, as soon as no more come", async () => {
  const { queue, job, handover } = await waited();
  expect(handover.end()).toBeUndefined();
  const next = handover.next();
  const last = await queue.settle(job.id, COMPLETED);
  expect(await next).toBeUndefined();
  expect(handover.end()).toBe(last);
});

it("tells nothing of the end of a job that is gone", async () => {
  const handover = createHandover({ inOrder: true });
  await attend(memoryJobs(), "imgjob_0", handover, { isNew: false });
  expect([await handover.next(), handover.end()]).toEqual([undefined, undefined]);
});
