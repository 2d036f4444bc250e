import { deepEqual, equal, ok } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import type { Bench, Test } from "./bench";

/** Rule 5: numbers and news of a job. */
export function testNews(test: Test): void {
  test("5. seq rises by one with every change and every nextSeq", async (bench) => {
    const { id } = await startedJob(bench);
    await bench.queue.update(id, { progress: 10 });
    const drawn = await bench.queue.nextSeq(id);
    await bench.queue.update(id, { progress: 20 });
    await bench.finish(id);
    await bench.untilEnded(id);
    const heard = newsOf(bench, id).map(({ seq }) => seq);
    ok(drawn !== undefined && !heard.includes(drawn));
    const all = [...heard, drawn].sort((a, b) => a - b);
    deepEqual(
      all,
      all.map((_, index) => (all[0] ?? 0) + index),
    );
  });

  test("5. progress never falls, and is 100 only when the job is completed", async (bench) => {
    const { id } = await startedJob(bench);
    for (const progress of [60, 30, 100]) await bench.queue.update(id, { progress });
    await bench.finish(id);
    await bench.untilEnded(id);
    const news = newsOf(bench, id);
    const heard = news.map(({ progress }) => progress);
    deepEqual(
      heard,
      [...heard].sort((a, b) => a - b),
    );
    ok(heard.includes(60));
    ok(news.every(({ status, progress }) => (status === "completed") === (progress === 100)));
  });

  test("5. a listener hears each change once, in order, and the end last", async (bench) => {
    const { id } = await startedJob(bench);
    await bench.queue.update(id, { progress: 10, phase: "sampling" });
    await bench.queue.update(id, { step: 2, steps: 4 });
    await bench.finish(id);
    await bench.untilQuiet();
    const news = newsOf(bench, id);
    const seqs = news.map(({ seq }) => seq);
    deepEqual(
      seqs,
      [...new Set(seqs)].sort((a, b) => a - b),
    );
    equal(news[0]?.status, "queued");
    for (const known of [{ status: "in_progress" }, { phase: "sampling" }, { step: 2, steps: 4 }]) {
      ok(news.some((job) => isDeepStrictEqual({ ...job, ...known }, job)));
    }
    equal(news.findIndex(isTerminal), news.length - 1);
  });

  test("5. an update that says nothing new is no change", async (bench) => {
    const { id } = await startedJob(bench);
    const first = await bench.queue.update(id, { progress: 10, phase: "sampling" });
    const second = await bench.queue.update(id, { progress: 10, phase: "sampling" });
    equal(second?.seq, first?.seq);
    await bench.untilQuiet();
    equal(newsOf(bench, id).at(-1)?.seq, first?.seq);
    equal(newsOf(bench, id).filter(({ seq }) => seq === first?.seq).length, 1);
  });

  test("5. who follows a job hears of it, of its end last, and of no other", async (bench) => {
    bench.work();
    const job = await bench.submit();
    const other = await bench.submit();
    const { heard, stop } = await bench.follow(job.id);
    await bench.untilClaimed(job.id);
    await bench.untilClaimed(other.id);
    await bench.finish(other.id);
    await bench.queue.update(job.id, { progress: 10 });
    await bench.finish(job.id);
    await bench.until("the end at the follower", () => heard.find(isTerminal));
    await bench.untilQuiet();
    ok(heard.every(({ id }) => id === job.id));
    equal(heard.findIndex(isTerminal), heard.length - 1);
    const seqs = heard.map(({ seq }) => seq);
    deepEqual(
      seqs,
      [...new Set(seqs)].sort((a, b) => a - b),
    );
    stop();
  });

  test("5. who follows a job before its submit hears all of it", async (bench) => {
    bench.work();
    const id = `imgjob_${"0123456789abcdef".repeat(2)}`;
    const { heard } = await bench.follow(id);
    await bench.submit({ id });
    await bench.untilClaimed(id);
    await bench.queue.update(id, { progress: 10 });
    await bench.finish(id);
    await bench.until("the end at the follower", () => heard.find(isTerminal));
    await bench.untilQuiet();
    deepEqual(heard, newsOf(bench, id));
  });

  test("5. a follower that has stopped hears nothing", async (bench) => {
    const { id } = await startedJob(bench);
    const { heard, stop } = await bench.follow(id);
    stop();
    await bench.finish(id);
    await bench.untilEnded(id);
    await bench.untilQuiet();
    equal(heard.length, 0);
  });

  test("5. a listener that has stopped hears nothing", async (bench) => {
    const heard: JobRecord[] = [];
    const stop = bench.queue.watch((job) => heard.push(job));
    const { id } = await startedJob(bench);
    await bench.until("news at both listeners", () => heard.find(({ status }) => status === "in_progress"));
    stop();
    const before = heard.length;
    await bench.finish(id);
    await bench.untilQuiet();
    equal(heard.length, before);
  });
}

const newsOf = (bench: Bench, id: string) => bench.heard.filter((job) => job.id === id);

async function startedJob(bench: Bench): Promise<JobRecord> {
  bench.work();
  const job = await bench.submit();
  await bench.untilClaimed(job.id);
  return job;
}
