import { memoryJobs } from "express-image-gateway/jobs/memory";

import { createPreviewFeed } from "../../../lib/core/progress/preview-feed";
import {
  type ProgressTracker,
  type TrackedCall,
  trackProgress,
} from "../../../lib/core/progress/progress-tracker";
import type { JobPreview, JobQueue, JobRecord, Progress } from "../../../lib/ports";
import { jobPlan } from "../../support/jobs";
import { picture } from "../../support/scripted-provider";
import { gate, request } from "../bench";

const LIMITS = { progressPerSecond: 10, previewsPerSecond: 2, previewBytes: 64 * 1024 };
const whole: TrackedCall = { index: 0, firstImage: 0, images: 1, share: 1 };

let png: Buffer;
let webp: Buffer;
beforeAll(async () => {
  png = await picture();
  webp = await picture({ format: "webp" });
});

interface Bench {
  readonly tracker: ProgressTracker;
  readonly queue: JobQueue;
  readonly changes: JobRecord[];
  readonly shown: JobPreview[];
  report(progress: Partial<Progress>, call?: TrackedCall): void;
  end(): Promise<void>;
}

/** A running job of the embedded queue and what is heard of it. */
async function track(wrap: (queue: JobQueue) => JobQueue = (queue) => queue): Promise<Bench> {
  const memory = memoryJobs();
  const queue = wrap(memory);
  const { opened, open } = gate();
  memory.work(() => opened);
  const submitted = await memory.submit(
    {
      id: `imgjob_${"0".repeat(32)}`,
      owner: "o",
      limitKey: "o",
      requestId: "r",
      request: request(),
      responseFormat: "url",
      provider: "p",
      plan: jobPlan(),
      warnings: [],
    },
    { limits: { running: 1, queued: 1 }, startBy: Number.POSITIVE_INFINITY },
  );
  const changes: JobRecord[] = [];
  const shown: JobPreview[] = [];
  memory.watch((job) => changes.push(job));
  const previews = createPreviewFeed();
  previews.listen({ wants: () => true, show: (preview) => shown.push(preview) });
  const tracker = trackProgress(submitted, queue, previews, LIMITS);
  return {
    tracker,
    queue: memory,
    changes,
    shown,
    report: (progress, call = whole) => tracker.report(call, { phase: "sampling", ...progress }),
    async end() {
      tracker.close();
      open();
      await memory.close({ timeoutMs: 1000 });
    },
  };
}

const percentOf = (changes: readonly JobRecord[]) => changes.map(({ progress }) => progress);
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

let bench: Bench;
beforeEach(async () => {
  jest.useFakeTimers();
  bench = await track();
});
afterEach(async () => {
  const ended = bench.end();
  await pass(2_000);
  await ended;
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe("progress", () => {
  it("tells the first report at once, then the latest at most ten times a second", async () => {
    bench.report({ fraction: 0.01, step: 1, steps: 100 });
    await pass(0);
    expect(percentOf(bench.changes)).toEqual([1]);
    for (let step = 2; step <= 60; step += 1) {
      bench.report({ fraction: step / 100, step, steps: 100 });
      await pass(10);
    }
    await pass(100);
    expect(bench.changes.length).toBeGreaterThan(3);
    expect(bench.changes.length).toBeLessThanOrEqual(8);
    expect(bench.changes.at(-1)).toMatchObject({ progress: 60, step: 60, steps: 100, phase: "sampling" });
  });

  it("tells a burst once, with its latest numbers", async () => {
    for (let step = 0; step <= 50; step += 1) bench.report({ fraction: step / 100 });
    await pass(0);
    expect(percentOf(bench.changes)).toEqual([0]);
    await pass(100);
    expect(percentOf(bench.changes)).toEqual([0, 50]);
  });

  it.each([
    ["NaN", Number.NaN, 0],
    ["infinity", Number.POSITIVE_INFINITY, 0],
    ["a negative one", -0.5, 0],
    ["110 %", 1.1, 99],
    ["exactly 1", 1, 99],
    ["a hair below a percent", 0.29, 29],
  ])("makes of %s as a fraction a percentage below 100", async (_name, fraction, percent) => {
    bench.report({ phase: "loading", fraction });
    await pass(100);
    expect(bench.changes.at(-1)?.progress ?? 0).toBe(percent);
  });

  it("never falls", async () => {
    for (const fraction of [0.5, 0.2, Number.NaN, 0.6, 0, -1]) {
      bench.report({ fraction });
      await pass(100);
    }
    const percent = percentOf(bench.changes);
    expect(percent).toEqual([...percent].sort((a, b) => a - b));
    expect(percent.at(-1)).toBe(60);
  });

  it("adds the shares of several calls", async () => {
    const first = { index: 0, firstImage: 0, images: 3, share: 0.75 };
    const second = { index: 1, firstImage: 3, images: 1, share: 0.25 };
    bench.report({ fraction: 1 }, first);
    await pass(100);
    bench.report({ fraction: 0.5 }, second);
    await pass(100);
    bench.report({ fraction: 0.1 }, first);
    bench.report({ fraction: 1 }, second);
    await pass(100);
    expect(percentOf(bench.changes)).toEqual([75, 87, 99]);
  });

  it("tells a phase without a number, and nothing of a phase that does not exist", async () => {
    bench.report({ phase: "loading" });
    await pass(100);
    bench.tracker.report(whole, JSON.parse('{"phase":"dreaming","fraction":0.9}'));
    bench.tracker.report(whole, JSON.parse('{"fraction":0.9}'));
    await pass(100);
    expect(bench.changes.map(({ phase, progress }) => [phase, progress])).toEqual([["loading", 0]]);
  });

  it("takes steps for what they can be", async () => {
    bench.report({ step: 30, steps: 20 });
    await pass(100);
    expect(bench.changes.at(-1)).toMatchObject({ step: 20, steps: 20 });
    bench.report({ step: Number.NaN, steps: -1, phase: "decoding" });
    await pass(100);
    expect(bench.changes.at(-1)).toMatchObject({ step: 20, steps: 20, phase: "decoding" });
  });

  it("tells nothing after its end, not even what was waiting", async () => {
    bench.report({ fraction: 0.1 });
    bench.report({ fraction: 0.2 });
    await pass(0);
    const heard = bench.changes.length;
    bench.tracker.close();
    bench.report({ fraction: 0.9, preview: { type: "image/png", bytes: png } });
    await pass(5_000);
    expect(bench.changes).toHaveLength(heard);
    expect(bench.shown).toEqual([]);
  });
});

describe("progress into a slow or broken queue", () => {
  it("waits for one update before it makes the next, which then has the latest numbers", async () => {
    let atOnce = 0;
    let most = 0;
    const told: unknown[] = [];
    await bench.end();
    bench = await track((queue) => ({
      ...queue,
      async update(_id, change) {
        atOnce += 1;
        most = Math.max(most, atOnce);
        told.push(change.progress);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        atOnce -= 1;
        return undefined;
      },
    }));
    for (let step = 1; step <= 40; step += 1) {
      bench.report({ fraction: step / 100 });
      await pass(100);
    }
    await pass(2_000);
    expect(most).toBe(1);
    expect(told.length).toBeLessThanOrEqual(7);
    expect(told.at(-1)).toBe(40);
  });

  it("goes on after an update that failed", async () => {
    await bench.end();
    let failures = 0;
    bench = await track((queue) => ({
      ...queue,
      update(id, change) {
        if (failures > 0) return queue.update(id, change);
        failures += 1;
        return Promise.reject(new Error("queue down"));
      },
    }));
    bench.report({ fraction: 0.1 });
    await pass(100);
    bench.report({ fraction: 0.2 });
    await pass(100);
    expect(failures).toBe(1);
    expect(percentOf(bench.changes)).toEqual([20]);
  });
});

describe("previews", () => {
  const show = (bytes: Uint8Array, more: Partial<Progress> = {}, call?: TrackedCall) =>
    bench.report({ preview: { type: "text/html", bytes }, ...more }, call);

  it("are typed by their bytes and numbered with the job's events", async () => {
    show(webp, { fraction: 0.1 });
    await pass(100);
    expect(bench.shown).toMatchObject([
      { contentType: "image/webp", imageIndex: 0, seq: expect.any(Number) },
    ]);
    expect(bench.shown[0]?.bytes).toBe(webp);
    bench.report({ fraction: 0.2 });
    await pass(100);
    const numbers = [...bench.changes, ...bench.shown].map(({ seq }) => seq);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(bench.changes.at(-1)?.seq).toBeGreaterThan(bench.shown[0]?.seq ?? Number.NaN);
  });

  it("come at most twice a second, the latest winning", async () => {
    for (let index = 0; index < 30; index += 1) {
      show(index % 2 === 0 ? png : webp);
      await pass(100);
    }
    await pass(500);
    expect(bench.shown.length).toBeGreaterThanOrEqual(6);
    expect(bench.shown.length).toBeLessThanOrEqual(8);
    expect(bench.shown.at(-1)?.contentType).toBe("image/webp");
  });

  it("are dropped when they are no pictures or too large", async () => {
    show(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"));
    show(Buffer.alloc(0));
    show(Buffer.concat([png, Buffer.alloc(LIMITS.previewBytes)]));
    await pass(1_000);
    expect(bench.shown).toEqual([]);
  });

  it("stand at the place of their image in the job", async () => {
    const call = { index: 1, firstImage: 4, images: 4, share: 0.5 };
    show(png, { image: 2 }, call);
    await pass(500);
    bench.report({ image: 2, preview: { type: "image/png", bytes: png, index: 3 } }, call);
    await pass(500);
    show(png, {}, call);
    await pass(500);
    expect(bench.shown.map(({ imageIndex }) => imageIndex)).toEqual([6, 7, 4]);
  });

  it.each([-1, 4, 1.5, Number.NaN, 1e9])(
    "are dropped when they claim to be of image %s of four",
    async (index) => {
      const call = { index: 1, firstImage: 4, images: 4, share: 0.5 };
      bench.report({ preview: { type: "image/png", bytes: png, index } }, call);
      await pass(1_000);
      expect(bench.shown).toEqual([]);
    },
  );

  it("are not shown of a job that has ended in between", async () => {
    show(png);
    await pass(0);
    show(webp);
    await bench.queue.settle(`imgjob_${"0".repeat(32)}`, {
      status: "failed",
      error: { code: "upstream_error", message: "x", type: "server_error", param: null, retry: false },
    });
    await pass(1_000);
    expect(bench.shown).toHaveLength(1);
  });

  it("of several pictures take turns, each showing its latest", async () => {
    const call = { index: 0, firstImage: 0, images: 3, share: 1 };
    for (let step = 0; step < 4; step += 1) {
      for (const image of [0, 1, 2]) show(step < 3 ? png : webp, { image }, call);
      await pass(100);
    }
    await pass(1_600);
    expect(bench.shown.map(({ imageIndex, contentType }) => `${imageIndex} ${contentType}`)).toEqual([
      "0 image/png",
      "1 image/webp",
      "2 image/webp",
      "0 image/webp",
    ]);
  });
});

describe("the place in an upstream's queue", () => {
  it("is told while the upstream lets the call wait, and taken away when it begins", async () => {
    bench.report({ phase: "queued", queuePosition: 3 });
    await pass(100);
    bench.report({ phase: "sampling", fraction: 0.1 });
    await pass(100);
    expect(bench.changes.map(({ queuePosition }) => queuePosition)).toEqual([3, undefined]);
  });
});

it("takes the fraction from the steps where a provider tells only those", async () => {
  bench.report({ step: 2, steps: 4 });
  await pass(100);
  bench.report({ step: 3, steps: 0 });
  await pass(100);
  expect(percentOf(bench.changes)).toEqual([50, 50]);
});
