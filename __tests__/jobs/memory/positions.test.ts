import { type Bench, openBench } from "./bench";

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"], now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const places = async ({ queue }: Bench, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await queue.get(id))?.queuePosition));

/** Time enough for places to be counted anew. */
const counted = () => jest.advanceTimersByTimeAsync(100);

describe("the place of a job in the queue", () => {
  it("is told with the first news of a job that waits, and not of one that starts", async () => {
    const { submit, heardOf } = openBench({ maxRunning: 1 });
    const running = await submit();
    const waiting = await submit();
    expect(waiting).toMatchObject({ status: "queued", seq: 1, queuePosition: 1 });
    expect(heardOf(waiting.id)).toEqual([waiting]);
    expect(heardOf(running.id).every((job) => job.queuePosition === undefined)).toBe(true);
  });

  it("follows the turns of the keys", async () => {
    const bench = openBench({ works: false });
    const flood = [await bench.submit(), await bench.submit(), await bench.submit()];
    const modest = await bench.submit({ limitKey: "modest" });
    expect(modest.queuePosition).toBe(2);
    await counted();
    expect(
      await places(
        bench,
        [...flood, modest].map(({ id }) => id),
      ),
    ).toEqual([1, 3, 4, 2]);
  });

  it("falls as others start or leave, and is gone when the job starts", async () => {
    const bench = openBench({ maxRunning: 1 });
    const jobs = [await bench.submit(), await bench.submit(), await bench.submit(), await bench.submit()];
    const [first = "", second = "", third = "", fourth = ""] = jobs.map(({ id }) => id);
    await bench.queue.cancel(third);
    await counted();
    expect(await places(bench, [second, third, fourth])).toEqual([1, undefined, 2]);
    await bench.finish(first);
    await counted();
    expect(await places(bench, [second, fourth])).toEqual([undefined, 1]);
  });

  it("is told once for many changes, and only when the number is another", async () => {
    const { submit, finish, heardOf } = openBench({ maxRunning: 5 });
    const running = await Promise.all(Array.from({ length: 5 }, () => submit()));
    const waiting = await Promise.all(Array.from({ length: 7 }, () => submit()));
    await counted();
    for (const { id } of running) await finish(id);
    await counted();
    await counted();
    expect(waiting.map(({ id }) => heardOf(id).map((job) => job.queuePosition))).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [4, undefined],
      [5, undefined],
      [6, 1],
      [7, 2],
    ]);
  });

  it("is not told of a job that a listener stops meanwhile", async () => {
    const { submit, queue, heardOf } = openBench({ works: false });
    const [first, second, third] = [await submit(), await submit(), await submit()];
    await counted();
    const answers: Promise<unknown>[] = [];
    queue.watch((job) => {
      if (job.id === second.id) answers.push(queue.cancel(third.id));
    });
    await queue.cancel(first.id);
    await counted();
    await Promise.all(answers);
    expect(heardOf(third.id).map(({ status }) => status)).toEqual(["queued", "cancelled"]);
  });

  it("is not told of a job that starts meanwhile", async () => {
    const { submit, queue, heardOf } = openBench({ works: false, maxRunning: 2 });
    const [first, second, third, fourth] = [await submit(), await submit(), await submit(), await submit()];
    await counted();
    const stop = queue.watch((job) => {
      if (job.id !== second.id) return;
      stop();
      queue.work(() => new Promise(() => {}));
    });
    await queue.remove(first.id);
    await counted();
    await counted();
    expect(heardOf(third.id).at(-1)?.status).toBe("in_progress");
    expect(heardOf(third.id).at(-1)).not.toHaveProperty("queuePosition");
    expect(heardOf(fourth.id).at(-1)?.queuePosition).toBe(1);
  });

  it("is known to a job that could run but for an earlier one of its key", async () => {
    const bench = openBench();
    await bench.submit();
    await bench.submit({ limits: { running: 1 } });
    const waiting = await bench.submit({ limits: { running: 5 }, startBy: 1_000 });
    expect(waiting).toMatchObject({ status: "queued", queuePosition: 2 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await bench.statusOf(waiting.id)).toBe("failed");
  });
});
