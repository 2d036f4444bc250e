import { memoryJobs } from "express-image-gateway/jobs/memory";
import fc from "fast-check";
import type { JobClaim, JobRecord } from "../../../lib/ports";
import { GatewayError, isTerminal } from "../../../lib/ports";
import { COMPLETED, newJob, settle } from "./bench";

const LIMITS = { running: 2, queued: 3 };
const MAX_RUNNING = 3;
const MAX_QUEUED = 6;

const act = fc.constantFrom("submit", "update", "settle", "leave", "cancel", "remove", "draw", "turn");
const step = fc.record({ act, key: fc.constantFrom("a", "b", "c"), which: fc.nat(30) });

/** All that must hold whatever happens, checked while it happens. */
function openWatched() {
  const queue = memoryJobs({ maxRunning: MAX_RUNNING, maxQueued: MAX_QUEUED });
  const last = new Map<string, JobRecord>();
  const atWork = new Map<string, { readonly claim: JobClaim; readonly leave: () => void }>();
  const removed = new Set<string>();
  // Collected, for an assertion in a runner would be taken for a runner that fails.
  const broken: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) broken.push(what);
  };
  queue.watch((job) => {
    const before = last.get(job.id);
    check(!removed.has(job.id), "a change of a removed job is heard");
    check(before === undefined || !isTerminal(before), "a change after the end is heard");
    check(job.seq > (before?.seq ?? 0), "seq does not rise");
    check(job.progress >= (before?.progress ?? 0), "progress falls");
    last.set(job.id, job);
  });
  queue.work(
    (claim) =>
      new Promise((resolve) => {
        const { id, limitKey } = claim.job;
        atWork.set(id, {
          claim,
          leave: () => {
            atWork.delete(id);
            resolve();
          },
        });
        const ofKey = [...atWork.values()].filter((work) => work.claim.job.limitKey === limitKey);
        check(ofKey.length <= LIMITS.running, "too many of one key run");
        check(atWork.size <= MAX_RUNNING, "too many run");
      }),
  );
  return { queue, last, atWork, removed, broken };
}

describe("the queue in memory, whatever is done to it", () => {
  it("keeps the limits, tells in order, ends every job once, and leaves no place empty", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { queue, last, atWork, removed, broken } = openWatched();
        const ids: string[] = [];
        const refused: unknown[] = [];
        for (const { act, key, which } of steps) {
          const id = ids[which % Math.max(1, ids.length)] ?? "";
          if (act === "submit") {
            const job = newJob({ limitKey: key });
            const options = { limits: LIMITS, startBy: Number.POSITIVE_INFINITY };
            const submitted = queue.submit(job, options).then(
              () => ids.push(job.id),
              (error: unknown) => refused.push(error),
            );
            if (which % 2) await submitted;
          } else if (act === "update") await queue.update(id, { progress: which * 5 });
          else if (act === "settle") await queue.settle(id, COMPLETED);
          else if (act === "leave") atWork.get(id)?.leave();
          else if (act === "cancel") await queue.cancel(id);
          else if (act === "draw") await queue.nextSeq(id);
          else if (act === "turn") await settle();
          else if (await queue.remove(id)) removed.add(id);
        }
        await settle();
        const codes = refused.map((error) => (GatewayError.is(error) ? error.code : error));
        expect(codes.filter((code) => code !== "concurrency_limit" && code !== "queue_full")).toEqual([]);

        const waiting = [...last.values()].filter(({ status }) => status === "queued");
        const ofKey = (key: string) =>
          [...atWork.values()].filter(({ claim }) => claim.job.limitKey === key).length;
        const couldRun = waiting.filter(({ limitKey }) => ofKey(limitKey) < LIMITS.running);
        expect(atWork.size === MAX_RUNNING || couldRun.length === 0).toBe(true);

        for (const { leave } of [...atWork.values()]) leave();
        await queue.close({ timeoutMs: 10_000 });
        expect([...last.values()].every(isTerminal)).toBe(true);
        expect(last.size).toBe(ids.length);
        expect(broken).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
