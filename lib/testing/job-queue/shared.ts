import { deepEqual, equal, ok } from "node:assert/strict";
import type { JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import type { Test } from "./bench";

const JOBS = 12;
const FINGERPRINT = "digest of a request";

/** What holds of the rules between the processes of one queue. */
export function testShared(test: Test): void {
  test("1. a job that waits when its process closes is run by another", async (bench) => {
    const { id } = await bench.submit();
    await bench.queue.close({ timeoutMs: 0 });
    const other = await bench.another();
    equal((await other.queue.get(id))?.status, "queued");
    other.work();
    await other.untilClaimed(id);
    await other.finish(id);
    equal((await other.untilEnded(id)).status, "completed");
  });

  test("1. a running job of which no call was made is run by another after close", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    const closed = bench.queue.close({ timeoutMs: 0 });
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    bench.letGo(id);
    await closed;
    const other = await bench.another();
    other.work();
    const next = await other.untilClaimed(id);
    equal(await next.markDispatch("call-1"), true);
    await other.finish(id);
    equal((await other.untilEnded(id)).status, "completed");
  });

  test("2. one runner of all processes gets a job, once", async (bench) => {
    const other = await bench.another();
    const ended = new Set<string>();
    const allEnded = new Promise<void>((resolve) => {
      const hear = (job: JobRecord) => {
        if (isTerminal(job)) ended.add(job.id);
        if (ended.size === JOBS) resolve();
      };
      for (const { queue } of [bench, other]) queue.watch(hear);
    });
    for (const each of [bench, other]) each.work(async () => {});
    const jobs = await Promise.all(Array.from({ length: JOBS }, () => bench.submit()));
    await allEnded;
    const claimed = [...bench.claims, ...other.claims].map(({ job }) => job.id);
    deepEqual(claimed.sort(), jobs.map(({ id }) => id).sort());
  });

  test("5. who follows a job hears of it wherever it runs, in order, its end last", async (bench) => {
    const other = await bench.another();
    other.work();
    const { id } = await bench.submit({ limits: { running: 1 } });
    await other.untilClaimed(id);
    const { heard } = await bench.follow(id);
    await other.queue.update(id, { progress: 10 });
    await other.queue.update(id, { progress: 20 });
    await other.finish(id);
    await bench.until("the end at the follower", () => heard.find(isTerminal));
    deepEqual(
      heard.map(({ progress }) => progress),
      [10, 20, 100],
    );
    deepEqual(heard.at(-1), await bench.queue.get(id));
    ok(heard.every(({ request }) => request.prompt === "prompt"));
  });

  test("6. cancel reaches the runner in another process", async (bench) => {
    const other = await bench.another();
    other.work();
    const { id } = await bench.submit();
    const claim = await other.untilClaimed(id);
    equal((await bench.queue.cancel(id))?.status, "in_progress");
    await other.until("the abort", () => claim.signal.aborted || undefined);
    await other.finish(id);
    equal((await bench.queue.get(id))?.status, "cancelled");
  });

  test("9. a job that runs in another process is stopped and gone", async (bench) => {
    const other = await bench.another();
    other.work();
    const { id } = await bench.submit();
    const claim = await other.untilClaimed(id);
    equal((await bench.queue.remove(id))?.status, "cancelled");
    await other.until("the abort", () => claim.signal.aborted || undefined);
    equal(await other.finish(id), undefined);
    equal(await other.queue.get(id), undefined);
  });

  test("11. of submissions in two processes at once one is new", async (bench) => {
    const other = await bench.another();
    const asked = { idempotencyKey: "digest of a key" };
    const both = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? bench : other));
    const jobs = await Promise.all(both.map((each) => each.submit(asked)));
    equal(new Set(jobs.map(({ id }) => id)).size, 1);
  });

  test("12. of callers in two processes at once one gets the orphan", async (bench) => {
    const other = await bench.another();
    const { id, owner } = await bench.submit();
    await bench.queue.abandon(id, "digest of a request");
    const orphan = { owner, fingerprint: "digest of a request" };
    const given = await Promise.all([bench, other].map(({ queue }) => queue.adopt(orphan)));
    deepEqual(given.map((job) => job?.id).sort(), [id, undefined]);
  });

  test("12. a job whose caller waited in a process that is gone is given to who comes again", async (bench) => {
    const other = await bench.another();
    const { id, owner } = await other.submit({ fingerprint: FINGERPRINT, isWaitedFor: true });
    await other.queue.close({ timeoutMs: 0 });
    const orphan = { owner, fingerprint: FINGERPRINT };
    equal((await bench.queue.adopt(orphan))?.id, id);
    equal(await bench.queue.adopt(orphan), undefined);
  });

  for (const { how, isWaitedFor, isAnswered } of [
    { how: "has its answer", isWaitedFor: true, isAnswered: true },
    { how: "did not wait", isWaitedFor: false, isAnswered: false },
  ]) {
    test(`12. a job whose caller ${how} is not given when its process is gone`, async (bench) => {
      const other = await bench.another();
      const { id, owner } = await other.submit({ fingerprint: FINGERPRINT, isWaitedFor });
      if (isAnswered) await other.queue.answered?.(id);
      await other.queue.close({ timeoutMs: 0 });
      equal(await bench.queue.adopt({ owner, fingerprint: FINGERPRINT }), undefined);
    });
  }

  test("12. a caller that waits in another process is not robbed", async (bench) => {
    const other = await bench.another();
    const { owner } = await other.submit({ fingerprint: FINGERPRINT, isWaitedFor: true });
    equal(await bench.queue.adopt({ owner, fingerprint: FINGERPRINT }), undefined);
  });

  test("12. a job that was adopted is waited for where it was adopted", async (bench) => {
    const other = await bench.another();
    const { id, owner } = await bench.submit();
    await bench.queue.abandon(id, FINGERPRINT);
    const orphan = { owner, fingerprint: FINGERPRINT };
    equal((await other.queue.adopt(orphan))?.id, id);
    await other.queue.close({ timeoutMs: 0 });
    equal((await bench.queue.adopt(orphan))?.id, id);
  });
}
