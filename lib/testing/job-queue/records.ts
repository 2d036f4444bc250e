import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { JobRecord, Warning } from "../../ports";
import type { Bench, Test } from "./bench";
import { image, warning } from "./samples";

/** Rules 7, 8 and 10: what can be read of jobs. */
export function testRecords(test: Test): void {
  test("7. an unknown id is undefined", async ({ queue }) => {
    const id = `imgjob_${"0".repeat(32)}`;
    equal(await queue.get(id), undefined);
    equal(await queue.update(id, { progress: 1 }), undefined);
    equal(await queue.nextSeq(id), undefined);
    equal(await queue.cancel(id), undefined);
    equal(await queue.remove(id), undefined);
  });

  test("7. a job that has ended stays until expiresAt", async (bench) => {
    bench.work();
    const { id, owner } = await bench.submit();
    await bench.untilClaimed(id);
    const ended = await bench.finish(id);
    ok(ended?.completedAt !== undefined && ended.expiresAt !== undefined);
    ok(ended.expiresAt > ended.completedAt);
    deepEqual(await bench.queue.get(id), ended);
    bench.pass(ended.expiresAt - bench.now() + 1);
    equal(await bench.queue.get(id), undefined);
    deepEqual(await bench.queue.list({ owner, limit: 10 }), { jobs: [], hasMore: false });
  });

  test("8. list shows the jobs of its owner only, newest first", async (bench) => {
    const mine = await submitAll(bench, ["me", "me", "me"]);
    const theirs = await submitAll(bench, ["they"]);
    deepEqual(await idsOf(bench, { owner: "me" }), mine.toReversed());
    deepEqual(await idsOf(bench, { owner: "they" }), theirs);
    deepEqual(await idsOf(bench, { owner: "nobody" }), []);
  });

  test("8. list shows the oldest first when asked", async (bench) => {
    const ids = await submitAll(bench, ["me", "me", "me"]);
    deepEqual(await idsOf(bench, { owner: "me", order: "asc" }), ids);
  });

  test("8. list gives page after page, each job once", async (bench) => {
    const ids = await submitAll(bench, ["me", "me", "me", "me", "me"]);
    const { queue } = bench;
    const seen: string[] = [];
    const more: boolean[] = [];
    for (let page = 0; page < 3; page += 1) {
      const after = seen.at(-1);
      const { jobs, hasMore } = await queue.list({ owner: "me", limit: 2, ...(after && { after }) });
      seen.push(...jobs.map(({ id }) => id));
      more.push(hasMore);
    }
    deepEqual(seen, ids.toReversed());
    deepEqual(more, [true, true, false]);
  });

  test("8. list shows only jobs that have not ended when asked", async (bench) => {
    bench.work();
    const [first = "", second = ""] = await submitAll(bench, ["me", "me"]);
    await bench.untilClaimed(first);
    await bench.finish(first);
    deepEqual(await idsOf(bench, { owner: "me", live: true }), [second]);
    deepEqual(await idsOf(bench, { owner: "me" }), [second, first]);
  });

  test("10. what was handed in may change without changing the record", async (bench) => {
    bench.work();
    const warnings: Warning[] = [warning];
    const { id } = await bench.submit({ warnings });
    await bench.untilClaimed(id);
    const refs = [{ provider: "provider", id: "first", call: 0 }];
    await bench.queue.update(id, { refs });
    warnings.push(warning);
    refs.push({ provider: "provider", id: "second", call: 1 });
    const running = await bench.queue.get(id);
    deepEqual(running?.warnings, [warning]);
    deepEqual(running?.refs, refs.slice(0, 1));
    const images = [image];
    await bench.queue.settle(id, { status: "completed", images, warnings });
    images.push(image);
    warnings.push(warning);
    const ended = await bench.queue.get(id);
    deepEqual(ended?.images, [image]);
    deepEqual(ended?.warnings, [warning, warning]);
  });

  test("10. a record that was handed out does not change with the job", async (bench) => {
    bench.work();
    const submitted = await bench.submit();
    const first = JSON.stringify(submitted);
    const { id } = submitted;
    await bench.untilClaimed(id);
    const running = await bench.queue.get(id);
    const second = JSON.stringify(running);
    await bench.queue.update(id, { progress: 50, refs: [{ provider: "provider", id: "ref", call: 0 }] });
    const ended = await bench.finish(id);
    notEqual(JSON.stringify(ended), second);
    equal(JSON.stringify(submitted), first);
    equal(JSON.stringify(running), second);
  });

  test("10. what a reader does to a record reaches no other reader", async (bench) => {
    const { id } = await bench.submit({ warnings: [warning] });
    const mine = await bench.queue.get(id);
    const before = JSON.stringify(mine);
    ok(mine !== undefined);
    Reflect.set(mine, "progress", 77);
    Reflect.set(mine.request, "prompt", "another");
    Reflect.set(mine.warnings, "length", 0);
    equal(JSON.stringify(await bench.queue.get(id)), before);
  });
}

/** One after the other, at different times, so that the order of creation is known. */
async function submitAll(bench: Bench, owners: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const owner of owners) {
    const { id } = await bench.submit({ owner });
    ids.push(id);
    bench.pass(1_000);
  }
  return ids;
}

async function idsOf(
  bench: Bench,
  query: Pick<JobRecord, "owner"> & { readonly order?: "asc"; readonly live?: true },
): Promise<string[]> {
  const { jobs, hasMore } = await bench.queue.list({ limit: 10, ...query });
  equal(hasMore, false);
  return jobs.map(({ id }) => id);
}
