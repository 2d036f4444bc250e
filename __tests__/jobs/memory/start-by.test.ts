import { openBench } from "./bench";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"], now: 0 });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe("a job that must start by a certain time", () => {
  it("fails with queue_timeout when it still waits then, and not before", async () => {
    const { submit, queue, heardOf, statusOf } = openBench({ works: false });
    const { id } = await submit({ startBy: 30_000 });
    await jest.advanceTimersByTimeAsync(29_999);
    expect(await statusOf(id)).toBe("queued");
    await jest.advanceTimersByTimeAsync(1);
    expect(await queue.get(id)).toMatchObject({
      status: "failed",
      completedAt: 30_000,
      error: { code: "queue_timeout", retry: true, retryAfterSeconds: 5 },
    });
    expect(heardOf(id).at(-1)).toBe(await queue.get(id));
  });

  it("gives its place to the next one of its key", async () => {
    const { submit, finish, claims } = openBench({ maxRunning: 1 });
    const first = await submit();
    await submit({ startBy: 10 });
    const third = await submit();
    await jest.advanceTimersByTimeAsync(10);
    await finish(first.id);
    expect(claims.map(({ job }) => job.id)).toEqual([first.id, third.id]);
  });

  it("leaves no timer behind, however the job leaves the queue", async () => {
    const { submit, finish, queue } = openBench({ maxRunning: 1 });
    const [first, second, third, fourth] = [
      await submit({ startBy: 1_000 }),
      await submit({ startBy: 1_000 }),
      await submit({ startBy: 1_000 }),
      await submit({ startBy: 1_000 }),
    ];
    await finish(first.id);
    await queue.cancel(third.id);
    await queue.remove(fourth.id);
    await jest.advanceTimersByTimeAsync(500);
    expect(jest.getTimerCount()).toBe(0);
    await jest.advanceTimersByTimeAsync(1_000);
    expect((await queue.get(second.id))?.status).toBe("in_progress");
  });

  it("waits out a time that is longer than a timer can count to", async () => {
    const setTimer = jest.spyOn(globalThis, "setTimeout");
    const { submit, statusOf, queue } = openBench({ works: false });
    const startBy = 2 ** 31 + 5_000;
    const { id } = await submit({ startBy });
    await jest.advanceTimersByTimeAsync(startBy - 1);
    expect(await statusOf(id)).toBe("queued");
    await jest.advanceTimersByTimeAsync(1);
    expect(await statusOf(id)).toBe("failed");
    expect(Math.max(...setTimer.mock.calls.map(([, ms = 0]) => ms))).toBe(2 ** 31 - 1);
    await queue.close({ timeoutMs: 0 });
  });

  it("is not started late when its turn comes before its timer", async () => {
    let time = 0;
    const { submit, finish, claims, statusOf } = openBench({ maxRunning: 1, clock: () => time });
    const first = await submit();
    const second = await submit({ startBy: 1_000 });
    time = 1_001;
    await finish(first.id);
    expect(await statusOf(second.id)).toBe("failed");
    expect(claims).toHaveLength(1);
  });

  it("waits on by a clock that was set back", async () => {
    let time = 0;
    const { submit, statusOf } = openBench({ works: false, clock: () => time });
    const { id } = await submit({ startBy: 100 });
    time = -50;
    await jest.advanceTimersByTimeAsync(100);
    expect(await statusOf(id)).toBe("queued");
    time = 100;
    await jest.advanceTimersByTimeAsync(150);
    expect(await statusOf(id)).toBe("failed");
  });

  it("starts although the time is over when it need not wait", async () => {
    jest.setSystemTime(5_000);
    const { submit } = openBench();
    expect((await submit({ startBy: 4_000 })).status).toBe("in_progress");
  });
});
