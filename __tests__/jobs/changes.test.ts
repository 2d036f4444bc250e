import { created, moved, settled, started, updated } from "../../lib/jobs/changes";
import type { JobOutcome } from "../../lib/ports";
import { haveOneShape } from "../support/shape";
import { COMPLETED, newJob } from "./memory/bench";

const waiting = created(newJob(), 1, { queuePosition: 3, expectedStartAt: 9 });
const running = started(waiting, 2);

describe("a change of a record", () => {
  it("makes a new frozen record with the next number", () => {
    const next = updated(running, {
      progress: 5,
      refs: [{ provider: "p", id: "i", data: { a: "b" }, call: 0 }],
    });
    expect(next).toMatchObject({ seq: running.seq + 1, progress: 5 });
    expect(running.progress).toBe(0);
    for (const each of [next, next?.refs, next?.refs[0], next?.refs[0]?.data, next?.request]) {
      expect(Object.isFrozen(each)).toBe(true);
    }
  });

  it("gives all records with the same members one shape, however many those are", () => {
    const [one, other] = [1, 2].map((number) => {
      const job = newJob({
        clientRequestId: `c${number}`,
        fingerprint: `f${number}`,
        idempotencyKey: `k${number}`,
      });
      const begun = started(created(job, number), number);
      const seen = updated(begun, { phase: "sampling", step: number, steps: 9, queuePosition: number });
      const facts = { images: [], usage: { totalTokens: number }, effective: { quality: "high" } };
      return settled(seen ?? begun, { status: "completed", warnings: [], ...facts }, number, 1_000);
    });
    expect(Object.keys(one ?? {}).length).toBeGreaterThan(24);
    expect(haveOneShape(one ?? {}, other ?? {})).toBe(true);
    expect(haveOneShape(waiting, created(newJob(), 2, { queuePosition: 5, expectedStartAt: 7 }))).toBe(true);
  });

  it("keeps the unknown fields of a request as they are, names of prototypes included", () => {
    const unknown = Object.assign(Object.create(null), JSON.parse('{"__proto__":{"a":1},"seed":[7]}'));
    const { request } = created(newJob({ request: { ...newJob().request, unknown } }), 0);
    expect(Object.getPrototypeOf(request.unknown)).toBeNull();
    expect(Object.keys(request.unknown)).toEqual(["__proto__", "seed"]);
    expect(JSON.stringify(request.unknown)).toBe('{"__proto__":{"a":1},"seed":[7]}');
  });

  it.each([
    [40, 70, 70],
    [70, 40, 70],
    [0, 12.9, 12],
    [0, 100, 99],
    [98, 1_000, 99],
    [3, Number.NaN, 3],
    [3, -5, 3],
  ])("takes progress from %p by a report of %p to %p", (known, asked, expected) => {
    const before = { ...running, progress: known };
    const after = updated(before, { progress: asked }) ?? before;
    expect(after.progress).toBe(expected);
  });

  it("is none when the same is said again", () => {
    const refs = [{ provider: "p", id: "i", call: 0 }];
    const once = updated(running, { phase: "sampling", step: 1, steps: 4, refs });
    expect(once && updated(once, { phase: "sampling", step: 1, steps: 4, refs: [...refs] })).toBeUndefined();
    expect(updated(running, {})).toBeUndefined();
    expect(moved(waiting, { queuePosition: 3, expectedStartAt: 10 })).toBeUndefined();
  });

  it("ignores a place in the queue while the queue itself knows it better", () => {
    expect(updated(waiting, { queuePosition: 9 })).toBeUndefined();
    expect(updated(running, { queuePosition: 9 })?.queuePosition).toBe(9);
  });

  it("drops the place in the queue when the job starts and when it ends", () => {
    expect(waiting).toMatchObject({ queuePosition: 3, expectedStartAt: 9 });
    expect(moved(waiting, { queuePosition: 2 })).not.toHaveProperty("expectedStartAt");
    expect(running).not.toHaveProperty("queuePosition");
    expect(running).not.toHaveProperty("expectedStartAt");
    const atUpstream = updated(running, { queuePosition: 2 });
    expect(atUpstream && settled(atUpstream, COMPLETED, 3, 1)).not.toHaveProperty("queuePosition");
  });

  it("ends a job with the times of its end and of its expiry, and what was known last", () => {
    const last = updated(running, { progress: 40, phase: "sampling", step: 2, steps: 5 });
    expect(last && settled(last, COMPLETED, 50, 1_000)).toMatchObject({
      status: "completed",
      progress: 100,
      phase: "sampling",
      step: 2,
      completedAt: 50,
      expiresAt: 1_050,
    });
  });

  it("keeps percent and warnings of a failed job, and no images of one that has not succeeded", () => {
    const error = { code: "upstream_error", message: "m", type: "t", param: null, retry: false } as const;
    const image = {
      place: 0,
      contentType: "image/png",
      bytes: 1,
      width: 1,
      height: 1,
      kept: { key: "k", expiresAt: 1 },
    } as const;
    const last = updated(running, { progress: 40, images: [image], warnings: [{ message: "w" }] });
    const end = (outcome: JobOutcome) => last && settled(last, outcome, 50, 1_000);
    expect(end({ status: "failed", error })).toMatchObject({
      progress: 40,
      warnings: [{ message: "w" }],
      images: [],
      error,
    });
    expect(end({ status: "cancelled", error })).toMatchObject({ status: "cancelled", images: [] });
  });
});
