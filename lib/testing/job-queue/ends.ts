import { deepEqual, equal, ok } from "node:assert/strict";
import type { JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import type { Test } from "./bench";
import { cancelled, completed, failed } from "./samples";

/** What holds of rule 1 for a queue that ends with its process. */
export function testOwnEnds(test: Test): void {
  test("1. close fails the jobs that wait with draining", async (bench) => {
    const { id } = await bench.submit();
    await bench.queue.close({ timeoutMs: 0 });
    const ended = await bench.untilEnded(id);
    equal(ended.status, "failed");
    equal(ended.error?.code, "draining");
    ok(ended.error.retry);
  });

  test("1. close aborts and ends a running job of which no call was made", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    const closed = bench.queue.close({ timeoutMs: 0 });
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    bench.letGo(id);
    await closed;
    equal((await bench.untilEnded(id)).status, "failed");
  });
}

/** Rules 1, 4, 6 and 9: how jobs end, and that they do. */
export function testEnds(test: Test): void {
  test("1. a job whose runner rejects fails", async (bench) => {
    bench.work(() => Promise.reject(new Error("a broken runner")));
    const { id } = await bench.submit();
    equal((await bench.untilEnded(id)).status, "failed");
  });

  test("1. a job whose runner returns without an end fails", async (bench) => {
    bench.work(async () => {});
    const { id } = await bench.submit();
    equal((await bench.untilEnded(id)).status, "failed");
  });

  test("1. a job that still waits at startBy fails with queue_timeout", async (bench) => {
    const { id } = await bench.submit({ startBy: bench.now() + 10 });
    const ended = await bench.untilEnded(id);
    equal(ended.status, "failed");
    equal(ended.error?.code, "queue_timeout");
    ok(ended.error.retry);
  });

  test("1. close lets a running job finish within its time", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    const closed = bench.queue.close({ timeoutMs: 60_000 });
    await bench.finish(id);
    await closed;
    equal((await bench.untilEnded(id)).status, "completed");
    equal(claim.signal.aborted, false);
  });

  test("1. close aborts and ends a running job of which a call was made", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    await claim.markDispatch("call-1");
    const closed = bench.queue.close({ timeoutMs: 0 });
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    bench.letGo(id);
    await closed;
    equal((await bench.untilEnded(id)).status, "failed");
  });

  test("4. a later settle changes nothing and gives undefined", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    const first = await bench.queue.settle(id, failed());
    equal(await bench.queue.settle(id, completed()), undefined);
    deepEqual(await bench.queue.get(id), first);
  });

  test("4. a later update or nextSeq changes nothing and gives undefined", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    const first = await bench.queue.settle(id, failed());
    equal(await bench.queue.update(id, { progress: 50, phase: "saving" }), undefined);
    equal(await bench.queue.nextSeq(id), undefined);
    deepEqual(await bench.queue.get(id), first);
  });

  test("4. of two ends at the same time one counts", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    const { queue } = bench;
    const answers = await Promise.all([queue.settle(id, failed()), queue.settle(id, completed())]);
    const counted = answers.filter((answer) => answer !== undefined);
    equal(counted.length, 1);
    deepEqual(await queue.get(id), counted[0]);
  });

  test("6. cancel ends a waiting job at once, and it never runs", async (bench) => {
    const { id } = await bench.submit();
    const ended = await bench.queue.cancel(id);
    equal(ended?.status, "cancelled");
    equal(ended?.error?.code, "job_cancelled");
    bench.work();
    const other = await bench.submit();
    await bench.untilClaimed(other.id);
    ok(!bench.claims.some(({ job }) => job.id === id));
  });

  test("6. cancel aborts a running job, which its runner then settles", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    equal((await bench.queue.cancel(id))?.status, "in_progress");
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    equal((await bench.queue.get(id))?.status, "in_progress");
    equal((await bench.queue.settle(id, cancelled()))?.status, "cancelled");
  });

  test("6. a running job that was cancelled does not succeed", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    await bench.queue.cancel(id);
    await bench.finish(id);
    const ended = await bench.untilEnded(id);
    equal(ended.status, "cancelled");
    equal(ended.error?.code, "job_cancelled");
    deepEqual(ended.images, []);
  });

  test("6. cancel leaves a job that has ended as it is", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    const ended = await bench.finish(id);
    deepEqual(await bench.queue.cancel(id), ended);
    deepEqual(await bench.queue.get(id), ended);
  });

  test("9. a waiting job that is removed is gone and never runs", async (bench) => {
    const { id } = await bench.submit();
    equal((await bench.queue.remove(id))?.id, id);
    equal(await bench.queue.get(id), undefined);
    bench.work();
    const other = await bench.submit();
    await bench.untilClaimed(other.id);
    ok(!bench.claims.some(({ job }) => job.id === id));
  });

  test("9. a running job that is removed is stopped and gone, and nothing more is heard of it", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    equal((await bench.queue.remove(id))?.id, id);
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    equal(await bench.queue.get(id), undefined);
    await bench.untilQuiet();
    const heardOf = () => bench.heard.filter((job: JobRecord) => job.id === id);
    const before = heardOf().length;
    equal(await bench.queue.update(id, { progress: 50 }), undefined);
    equal(await bench.finish(id), undefined);
    await bench.untilQuiet();
    equal(heardOf().length, before);
  });

  test("9. whoever listens hears the end of a live job that is removed", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    await bench.queue.remove(id);
    equal((await bench.untilEnded(id)).status, "cancelled");
  });

  test("9. a job that has ended can be removed", async (bench) => {
    bench.work();
    const { id, owner } = await bench.submit();
    await bench.untilClaimed(id);
    await bench.finish(id);
    const removed = await bench.queue.remove(id);
    ok(removed !== undefined && isTerminal(removed));
    equal(await bench.queue.get(id), undefined);
    deepEqual(await bench.queue.list({ owner, limit: 10 }), { jobs: [], hasMore: false });
  });
}
