import { GatewayError } from "../../../lib/ports";
import { newJob, openBench, settle } from "./bench";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"], now: 0 });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const never = new Promise<void>(() => {});

describe("closing the queue", () => {
  it("is one promise for all who ask, at once for an idle queue", async () => {
    const { queue } = openBench();
    const closed = queue.close({ timeoutMs: 60_000 });
    expect(queue.close({ timeoutMs: 0 })).toBe(closed);
    await closed;
  });

  it("refuses new jobs from the same moment on", async () => {
    const { queue, heard } = openBench();
    const closed = queue.close({ timeoutMs: 0 });
    const refused = queue.submit(newJob(), { limits: { running: 1, queued: 1 }, startBy: 1 });
    await expect(refused).rejects.toMatchObject({
      code: "draining",
      status: 503,
      retry: true,
      retryAfterSeconds: 1,
    });
    await closed;
    expect(heard).toEqual([]);
  });

  it("fails what waits, finishes what runs, and starts nothing more", async () => {
    const { queue, submit, finish, statusOf, claims } = openBench({ maxRunning: 1 });
    const [running, waiting] = [await submit(), await submit({ startBy: 500 })];
    const closed = queue.close({ timeoutMs: 60_000 });
    await settle();
    expect(await queue.get(waiting.id)).toMatchObject({
      status: "failed",
      error: { code: "draining", retry: true },
    });
    expect(await statusOf(running.id)).toBe("in_progress");
    await finish(running.id);
    await closed;
    expect(await statusOf(running.id)).toBe("completed");
    expect(claims).toHaveLength(1);
  });

  it("stops what still runs when the time is over, and takes the word of its runner", async () => {
    const { queue, submit, claimOf, letGo } = openBench();
    const [talks, silent] = [await submit(), await submit()];
    const closed = queue.close({ timeoutMs: 25_000 });
    await jest.advanceTimersByTimeAsync(24_999);
    expect(claimOf(talks.id).signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    const { reason } = claimOf(talks.id).signal;
    expect(GatewayError.is(reason) && reason.code).toBe("draining");
    const error = { code: "upstream_error", message: "m", type: "t", param: null, retry: false } as const;
    await queue.settle(talks.id, { status: "failed", error });
    await letGo(talks.id);
    await letGo(silent.id);
    await closed;
    expect((await queue.get(talks.id))?.error?.code).toBe("upstream_error");
    expect((await queue.get(silent.id))?.error?.code).toBe("draining");
  });

  it("waits a second and a half for a runner that does not stop, no longer", async () => {
    const { queue, submit, heardOf, letGo } = openBench();
    const [deaf, cancelled] = [await submit(), await submit()];
    await queue.cancel(cancelled.id);
    const closed = queue.close({ timeoutMs: 100 });
    await jest.advanceTimersByTimeAsync(1_599);
    expect((await queue.get(deaf.id))?.status).toBe("in_progress");
    await jest.advanceTimersByTimeAsync(1);
    await closed;
    expect(heardOf(deaf.id).at(-1)).toMatchObject({ status: "failed", error: { code: "draining" } });
    expect(heardOf(cancelled.id).at(-1)).toMatchObject({
      status: "cancelled",
      error: { code: "job_cancelled" },
    });
    await letGo(deaf.id);
    expect(await queue.settle(deaf.id, { status: "completed", images: [], warnings: [] })).toBeUndefined();
  });

  it("tells nobody anything afterwards, and still answers", async () => {
    const { queue, submit, statusOf } = openBench({ works: false });
    const { id } = await submit();
    await queue.close({ timeoutMs: 0 });
    const listener = jest.fn();
    queue.watch(listener);
    queue.work(() => never);
    expect(await queue.cancel(id)).toMatchObject({ status: "failed" });
    expect(await queue.update(id, { progress: 1 })).toBeUndefined();
    expect(await statusOf(id)).toBe("failed");
    expect(listener).not.toHaveBeenCalled();
  });

  it("may be asked for by a listener that hears of it", async () => {
    const { queue, submit } = openBench({ works: false });
    await submit();
    const asked: unknown[] = [];
    queue.watch(() => asked.push(queue.close({ timeoutMs: 0 })));
    const closed = queue.close({ timeoutMs: 0 });
    await closed;
    expect(asked).toEqual([closed]);
  });

  it("waits without limit when the limit is endless", async () => {
    const { queue, submit, finish, claimOf } = openBench();
    const { id } = await submit();
    const closed = queue.close({ timeoutMs: Number.POSITIVE_INFINITY });
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(claimOf(id).signal.aborted).toBe(false);
    await finish(id);
    await closed;
  });
});
