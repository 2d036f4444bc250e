import type { ModelCard } from "express-image-gateway";

import {
  pictures,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
  untilAborted,
} from "../../support/scripted-provider";
import { type Bench, createBench, gate, request } from "../bench";

const STOPPABLE: Partial<ModelCard> = { cancel: { queued: "yes", running: "yes" } };

let bench: Bench;
let provider: ScriptedProvider;

function start(script: Script, card: Partial<ModelCard>, graceMs: number, running = 4): Bench {
  provider = scriptedProvider(script, card);
  bench = createBench([provider], { graceMs, jobLimits: { running, queued: 8 } });
  return bench;
}

const statusOf = async (id: string) => (await bench.queue.get(id))?.status;
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(async () => {
  jest.useRealTimers();
  await bench.close();
});

describe("a caller that leaves", () => {
  it.each<[string, Partial<ModelCard>]>([
    ["can be stopped", { cancel: { queued: "no", running: "yes" } }],
    ["can be stopped with some luck", { cancel: { queued: "no", running: "best_effort" } }],
    ["says nothing of it", {}],
  ])("stops a running job after the grace time where the card %s", async (_name, card) => {
    start(untilAborted, card, 10_000);
    const job = await bench.admit();
    await pass(0);
    bench.pipeline.left(job, bench.ann);
    await pass(9_999);
    expect(await statusOf(job.id)).toBe("in_progress");
    await pass(1);
    expect(await statusOf(job.id)).toBe("cancelled");
    expect(provider.calls).toHaveLength(1);
  });

  it("gives whoever takes the job over, and leaves it as well, a grace time of his own", async () => {
    start(untilAborted, STOPPABLE, 1_000);
    const retry = { caller: bench.ann, request: request(), requestId: "req_2", isRetry: true };
    const job = await bench.admit();
    await pass(0);
    bench.pipeline.left(job, bench.ann);
    await pass(100);
    const again = await bench.pipeline.admit({ ...retry, signal: new AbortController().signal });
    expect(again.job.id).toBe(job.id);
    await pass(700);
    bench.pipeline.left(again.job, bench.ann);
    await pass(999);
    expect(await statusOf(job.id)).toBe("in_progress");
    await pass(1);
    expect(await statusOf(job.id)).toBe("cancelled");
    expect(provider.calls).toHaveLength(1);
  });

  it("stops it at once where no grace is given", async () => {
    start(untilAborted, STOPPABLE, 0);
    const job = await bench.admit();
    await pass(0);
    bench.pipeline.left(job, bench.ann);
    await pass(1);
    expect(await statusOf(job.id)).toBe("cancelled");
  });

  it("takes a waiting job out of the queue, whatever the card, with no call made for it", async () => {
    start(untilAborted, { cancel: { queued: "no", running: "no" } }, 0, 1);
    const first = await bench.admit();
    const second = await bench.admit();
    await pass(0);
    expect(await statusOf(second.id)).toBe("queued");
    bench.pipeline.left(second, bench.ann);
    await pass(1);
    expect([await statusOf(first.id), await statusOf(second.id)]).toEqual(["in_progress", "cancelled"]);
    await bench.queue.cancel(first.id);
    await pass(1);
    expect(provider.calls).toHaveLength(1);
  });

  it("lets a running job finish into the store where the card says that stopping is of no use", async () => {
    const card: Partial<ModelCard> = { cancel: { queued: "yes", running: "no" } };
    const leave = gate();
    start(
      async (task) => {
        await leave.opened;
        return pictures(task.n);
      },
      card,
      0,
    );
    const job = await bench.admit();
    await pass(0);
    bench.pipeline.left(job, bench.ann);
    await pass(1_000);
    expect(await statusOf(job.id)).toBe("in_progress");
    jest.useRealTimers();
    leave.open();
    expect((await bench.ended(job.id)).status).toBe("completed");
    expect(await bench.store.kept()).toHaveLength(1);
    expect(provider.calls).toHaveLength(1);
  });

  it("changes nothing of a job that has ended or is gone", async () => {
    start(untilAborted, STOPPABLE, 0);
    const job = await bench.admit();
    await pass(0);
    bench.pipeline.left(job, bench.ann);
    bench.pipeline.left({ ...job, id: "imgjob_unknown" }, bench.ann);
    await bench.queue.cancel(job.id);
    const ended = await bench.ended(job.id);
    await pass(10);
    expect(await bench.queue.get(job.id)).toEqual(ended);
    expect(bench.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("leaves no timer once the pipeline has closed", async () => {
    start(untilAborted, STOPPABLE, 10_000);
    const job = await bench.admit();
    await pass(0);
    const timers = jest.getTimerCount();
    bench.pipeline.left(job, bench.ann);
    expect(jest.getTimerCount()).toBe(timers + 1);
    bench.pipeline.close();
    expect(jest.getTimerCount()).toBe(timers);
    bench.pipeline.left(job, bench.ann);
    expect(jest.getTimerCount()).toBe(timers);
  });

  it("is only logged when the queue fails", async () => {
    start(untilAborted, STOPPABLE, 0);
    const job = await bench.admit();
    jest.spyOn(bench.queue, "get").mockRejectedValueOnce(new Error("sk-secret"));
    bench.pipeline.left(job, bench.ann);
    await pass(1);
    expect(bench.lines).toMatchObject([{ level: "warn", about: { jobId: job.id, error: "Error" } }]);
    expect(JSON.stringify(bench.lines)).not.toContain("sk-secret");
  });
});
