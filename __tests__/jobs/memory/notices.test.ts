import { memoryJobs } from "express-image-gateway/jobs/memory";
import { signalled } from "../../support/gate";
import { COMPLETED, newJob } from "./bench";

it("the end of a job that comes while the queue closes is told", async () => {
  const queue = memoryJobs();
  const told: string[] = [];
  queue.notify?.(async (job) => {
    told.push(job.status);
    return "done";
  });
  const drains = signalled();
  queue.work(async ({ job }) => {
    await drains.promise;
    await queue.settle(job.id, COMPLETED);
  });
  const job = newJob();
  const request = { ...job.request, webhook: "https://example.com/" };
  await queue.submit(
    { ...job, request },
    { limits: { running: 1, queued: 1 }, startBy: Date.now() + 60_000 },
  );
  const closed = queue.close({ timeoutMs: 5_000 });
  drains.resolve();
  await closed;
  expect(told).toEqual(["completed"]);
});
