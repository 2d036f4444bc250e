import { deepEqual, equal } from "node:assert/strict";
import type { JobRecord } from "../../ports";
import type { Bench, Test } from "./bench";

/** Rule 13: webhooks, for a queue that has them; also of a job that is removed. That they are told again takes longer than a suite may. */
export function testNotices(test: Test): void {
  test("13. the end of a job that names a webhook is given to the notifier, no other's is", async (bench) => {
    if (bench.queue.notify === undefined) return;
    const told: JobRecord[] = [];
    bench.queue.notify(async (job) => {
      told.push(job);
      // Wakes who waits for it.
      bench.pass(0);
      return "done";
    });
    bench.work();
    await endedJob(bench);
    const ended = await endedJob(bench, "https://example.com/hook");
    await bench.until("the notice", () => told.find(({ id }) => id === ended.id));
    deepEqual(told, [ended]);
    const removed = await begunJob(bench, "https://example.com/hook");
    await bench.queue.remove(removed);
    const { status } = await bench.until("the notice", () => told.find(({ id }) => id === removed));
    equal(status, "cancelled");
    equal(await bench.queue.get(removed), undefined);
  });
}

async function endedJob(bench: Bench, webhook?: string): Promise<JobRecord> {
  const id = await begunJob(bench, webhook);
  await bench.finish(id);
  return bench.untilEnded(id);
}

async function begunJob(bench: Bench, webhook?: string): Promise<string> {
  const unknown: Record<string, unknown> = Object.create(null);
  const request = { op: "generate", model: "model", prompt: "prompt", n: 1, unknown } as const;
  const { id } = await bench.submit({
    request: webhook === undefined ? request : { ...request, webhook },
  });
  await bench.untilClaimed(id);
  return id;
}
