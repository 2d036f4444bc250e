import { deepEqual, equal, ok } from "node:assert/strict";
import type { JobQueue } from "../../ports";
import type { Bench, Test } from "./bench";
import { refusal } from "./bench";
import { completed } from "./samples";

/** How many jobs may wait in a queue under test. */
export const MAX_QUEUED = 20;

/** Rules 2 and 3: who runs when, and how many. */
export function testTurns(test: Test): void {
  test("2. one runner gets a job, once", async (bench) => {
    bench.work(settling(bench.queue));
    const ids = await submitAll(bench, ["a", "a", "b", "b"]);
    await Promise.all(ids.map(bench.untilEnded));
    const last = await bench.submit();
    await bench.untilEnded(last.id);
    const claimed = bench.claims.map(({ job }) => job.id);
    deepEqual(claimed.sort(), [...ids, last.id].sort());
  });

  test("2. the jobs of one key start in the order of submission", async (bench) => {
    const ids = await submitAll(bench, ["a", "a", "a", "a"], 1);
    bench.work(settling(bench.queue));
    await Promise.all(ids.map(bench.untilEnded));
    deepEqual(
      bench.claims.map(({ job }) => job.id),
      ids,
    );
  });

  test("2. a flood of one key delays another by a job or two", async (bench) => {
    await submitAll(bench, Array(8).fill("flood"));
    const modest = await bench.submit({ limitKey: "modest" });
    bench.work(settling(bench.queue));
    await bench.untilClaimed(modest.id);
    const before = bench.claims.findIndex(({ job }) => job.id === modest.id);
    ok(before <= 2, `${before} jobs of the flood came first`);
  });

  test("2. the mark before a paid call is new only once", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    equal(await claim.markDispatch("call-1"), true);
    equal(await claim.markDispatch("call-2"), true);
    equal(await claim.markDispatch("call-1"), false);
  });

  test("3. no more than limits.running jobs of a key run at once", async (bench) => {
    const active = new Set<string>();
    let most = 0;
    bench.work(async ({ job }) => {
      active.add(job.id);
      most = Math.max(most, active.size);
      await new Promise(setImmediate);
      active.delete(job.id);
      await bench.queue.settle(job.id, completed());
    });
    const ids = await submitAll(bench, ["a", "a", "a", "a", "a", "a"], 2);
    await Promise.all(ids.map(bench.untilEnded));
    ok(most <= 2, `${most} ran at once`);
  });

  test("3. a key at its limit does not hold up another", async (bench) => {
    bench.work();
    const [first = "", second = ""] = await submitAll(bench, ["a", "a"], 1);
    const other = await bench.submit({ limitKey: "b" });
    await bench.untilClaimed(first);
    await bench.untilClaimed(other.id);
    equal((await bench.queue.get(second))?.status, "queued");
    await bench.finish(first);
    await bench.untilClaimed(second);
  });

  test("3. submit beyond limits.queued is refused with concurrency_limit", async (bench) => {
    bench.work();
    const limits = { running: 1, queued: 2 };
    const first = await bench.submit({ limits });
    await bench.untilClaimed(first.id);
    await bench.submit({ limits });
    await bench.submit({ limits });
    equal(await refusal(bench.submit({ limits })), "concurrency_limit");
    await bench.submit({ limits, limitKey: "another" });
  });

  test("3. submit beyond the capacity is refused with queue_full", async (bench) => {
    await submitAll(
      bench,
      Array.from({ length: MAX_QUEUED }, (_, index) => `key ${index}`),
    );
    equal(await refusal(bench.submit({ limitKey: "another" })), "queue_full");
  });

  test("3. submit after close is refused with draining", async (bench) => {
    await bench.queue.close({ timeoutMs: 0 });
    equal(await refusal(bench.submit()), "draining");
  });
}

/** One after the other, so that the order of submission is known. */
async function submitAll(bench: Bench, keys: readonly string[], running = 100): Promise<string[]> {
  const ids: string[] = [];
  for (const limitKey of keys) {
    const { id } = await bench.submit({ limitKey, limits: { running } });
    ids.push(id);
  }
  return ids;
}

const settling =
  (queue: JobQueue) =>
  async ({ job }: { readonly job: { readonly id: string } }): Promise<void> => {
    await queue.settle(job.id, completed());
  };
