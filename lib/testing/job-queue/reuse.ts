import { deepEqual, equal, notEqual } from "node:assert/strict";
import type { JobOutcome, JobRecord } from "../../ports";
import type { Bench, Test } from "./bench";
import { cancelled, completed, failed, failedForNow, handedOver, handedOverImage } from "./samples";

const KEY = "digest of a key";
const FINGERPRINT = "digest of a request";
const ORPHAN = { owner: "owner", fingerprint: FINGERPRINT };

/** Rules 11 and 12: one job for several requests. */
export function testReuse(test: Test): void {
  test("11. a key that a job bears begins no other job", async (bench) => {
    const first = await bench.submit({ idempotencyKey: KEY });
    equal((await bench.submit({ idempotencyKey: KEY })).id, first.id);
    deepEqual(await begun(bench), [first.id]);
  });

  test("11. of many submissions at once one is new", async (bench) => {
    const jobs = await Promise.all(Array.from({ length: 8 }, () => bench.submit({ idempotencyKey: KEY })));
    deepEqual(await begun(bench), [...new Set(jobs.map(({ id }) => id))]);
    equal((await begun(bench)).length, 1);
  });

  test("11. a full queue does not refuse the repeat of a job that it has", async (bench) => {
    const limits = { running: 1, queued: 1 };
    const first = await bench.submit({ idempotencyKey: KEY, limits });
    equal((await bench.submit({ idempotencyKey: KEY, limits })).id, first.id);
  });

  test("11. another key, and no key, begin another job", async (bench) => {
    const ids = new Set<string>();
    for (const idempotencyKey of [KEY, "another", undefined, undefined]) {
      ids.add((await bench.submit(idempotencyKey === undefined ? {} : { idempotencyKey })).id);
    }
    equal(ids.size, 4);
  });

  for (const { how, outcome, free } of [
    { how: "completed", outcome: completed(), free: false },
    { how: "failed for good", outcome: failed(), free: false },
    { how: "failed for now", outcome: failedForNow(), free: true },
    { how: "cancelled", outcome: cancelled(), free: true },
  ]) {
    test(`11. the key of a job that ${how} is ${free ? "free again" : "taken"}`, async (bench) => {
      const first = await ended(bench, { idempotencyKey: KEY }, outcome);
      equal((await bench.submit({ idempotencyKey: KEY })).id !== first.id, free);
    });
  }

  test("11. the key of a job that was removed or has expired is free again", async (bench) => {
    const removed = await ended(bench, { idempotencyKey: KEY }, completed());
    await bench.queue.remove(removed.id);
    equal(await repeatedWhileKept(bench, removed), true);
    const expired = await ended(bench, { idempotencyKey: "another" }, completed());
    bench.pass((expired.expiresAt ?? 0) - bench.now() + 1_000);
    equal(await repeatedWhileKept(bench, expired), true);
  });

  test("12. a job whose caller waits is given to nobody", async (bench) => {
    await bench.submit();
    equal(await bench.queue.adopt(ORPHAN), undefined);
  });

  test("12. an orphan is given once, and again when it is abandoned again", async (bench) => {
    const { id } = await bench.submit();
    await bench.queue.abandon(id, FINGERPRINT);
    equal((await bench.queue.adopt(ORPHAN))?.id, id);
    equal(await bench.queue.adopt(ORPHAN), undefined);
    await bench.queue.abandon(id, FINGERPRINT);
    equal((await bench.queue.adopt(ORPHAN))?.id, id);
  });

  test("12. many callers at once get one orphan each", async (bench) => {
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) {
      const { id } = await bench.submit();
      await bench.queue.abandon(id, FINGERPRINT);
      ids.push(id);
    }
    const given = await Promise.all(Array.from({ length: 6 }, () => bench.queue.adopt(ORPHAN)));
    deepEqual(given.map((job) => job?.id).sort(), [...ids, undefined, undefined].sort());
  });

  test("12. the orphan that was abandoned first comes first", async (bench) => {
    const first = await bench.submit();
    const second = await bench.submit();
    for (const { id } of [second, first]) {
      await bench.queue.abandon(id, FINGERPRINT);
      bench.pass(5);
    }
    equal((await bench.queue.adopt(ORPHAN))?.id, second.id);
    equal((await bench.queue.adopt(ORPHAN))?.id, first.id);
  });

  test("12. an orphan of somebody else or of another request is not given", async (bench) => {
    const { id } = await bench.submit();
    await bench.queue.abandon(id, FINGERPRINT);
    equal(await bench.queue.adopt({ ...ORPHAN, owner: "somebody else" }), undefined);
    equal(await bench.queue.adopt({ ...ORPHAN, fingerprint: "another request" }), undefined);
  });

  for (const { how, outcome, given } of [
    { how: "completed", outcome: completed(), given: true },
    { how: "completed, but was not kept,", outcome: handedOver(), given: false },
    { how: "failed for good", outcome: failed(), given: true },
    { how: "failed for now", outcome: failedForNow(), given: false },
    { how: "was cancelled", outcome: cancelled(), given: false },
  ]) {
    test(`12. an orphan that ${how} is ${given ? "given" : "not given"}`, async (bench) => {
      const { id } = await ended(bench, {}, outcome);
      await bench.queue.abandon(id, FINGERPRINT);
      equal((await bench.queue.adopt(ORPHAN))?.id, given ? id : undefined);
    });
  }

  test("12. being abandoned and adopted is no change that is heard", async (bench) => {
    const { id, seq } = await bench.submit();
    await bench.queue.abandon(id, FINGERPRINT);
    equal((await bench.queue.adopt(ORPHAN))?.seq, seq);
    await bench.untilQuiet();
    deepEqual([...new Set(bench.heard.filter((job) => job.id === id).map((job) => job.seq))], [seq]);
  });

  test("12. whether a job is an orphan stands in its record", async (bench) => {
    const { id } = await bench.submit();
    const isOrphan = async () => (await bench.queue.get(id))?.abandonedAt !== undefined;
    equal(await isOrphan(), false);
    await bench.queue.abandon(id, FINGERPRINT);
    equal(await isOrphan(), true);
    await bench.queue.adopt(ORPHAN);
    equal(await isOrphan(), false);
  });

  test("12. what is to be cancelled only as an orphan is cancelled then, and given to nobody", async (bench) => {
    const { id } = await bench.submit();
    equal(await bench.queue.cancel(id, { ifOrphan: true }), undefined);
    await bench.queue.abandon(id, FINGERPRINT);
    await bench.queue.adopt(ORPHAN);
    equal(await bench.queue.cancel(id, { ifOrphan: true }), undefined);
    equal((await bench.queue.get(id))?.status, "queued");
    await bench.queue.abandon(id, FINGERPRINT);
    equal((await bench.queue.cancel(id, { ifOrphan: true }))?.status, "cancelled");
    equal(await bench.queue.adopt(ORPHAN), undefined);
  });

  test("12. what has ended is not cancelled as an orphan, and still given", async (bench) => {
    const { id } = await ended(bench, {}, completed());
    await bench.queue.abandon(id, FINGERPRINT);
    equal(await bench.queue.cancel(id, { ifOrphan: true }), undefined);
    equal((await bench.queue.adopt(ORPHAN))?.id, id);
  });

  test("12. a live orphan that is given to nobody is cancelled as one", async (bench) => {
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    await bench.queue.update(id, { images: [handedOverImage] });
    await bench.queue.abandon(id, FINGERPRINT);
    equal(await bench.queue.adopt(ORPHAN), undefined);
    notEqual(await bench.queue.cancel(id, { ifOrphan: true }), undefined);
    bench.letGo(id);
    equal((await bench.untilEnded(id)).status, "cancelled");
  });

  test("12. of adopting an orphan and cancelling it, at once, one comes about", async (bench) => {
    for (let round = 0; round < 8; round++) {
      const { id } = await bench.submit();
      await bench.queue.abandon(id, FINGERPRINT);
      const [cancelledJob, given] = await Promise.all([
        bench.queue.cancel(id, { ifOrphan: true }),
        bench.queue.adopt(ORPHAN),
      ]);
      equal([cancelledJob, given].filter((job) => job?.id === id).length, 1);
      equal((await bench.queue.get(id))?.status, given === undefined ? "cancelled" : "queued");
    }
  });

  test("12. a job that nobody knows is abandoned without a word", async (bench) => {
    equal(await bench.queue.abandon("imgjob_0", FINGERPRINT), undefined);
  });
}

/** The jobs that were heard of, each once. */
async function begun(bench: Bench): Promise<string[]> {
  await bench.untilQuiet();
  const own = bench.heard.filter(({ owner }) => owner === "owner");
  return [...new Set(own.map(({ id }) => id))];
}

/** A repeat gets the job as long as the queue has it, and another one then. */
async function repeatedWhileKept(bench: Bench, job: JobRecord): Promise<boolean> {
  const kept = (await bench.queue.get(job.id)) !== undefined;
  const { idempotencyKey = KEY } = job;
  return ((await bench.submit({ idempotencyKey })).id === job.id) === kept;
}

async function ended(
  bench: Bench,
  asked: Pick<JobRecord, "idempotencyKey">,
  outcome: JobOutcome,
): Promise<JobRecord> {
  if (bench.claims.length === 0) bench.work();
  const { id } = await bench.submit(asked);
  await bench.untilClaimed(id);
  if (outcome.status === "cancelled") await bench.queue.cancel(id);
  await bench.queue.settle(id, outcome);
  bench.letGo(id);
  return bench.untilEnded(id);
}
