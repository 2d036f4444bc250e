import { randomBytes } from "node:crypto";
import { memoryJobs } from "express-image-gateway/jobs/memory";
import { memoryStore } from "express-image-gateway/stores/memory";
import sharp from "sharp";

import {
  type Fault,
  HttpError,
  type ImageOut,
  type ImageStore,
  type ImageTask,
  type JobRecord,
  type Progress,
  ProviderError,
  type ProviderErrorInfo,
  type RunContext,
} from "../../../lib/ports";
import {
  bytesOut,
  picture,
  pictures,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
  untilAborted,
} from "../../support/scripted-provider";
import { type Bench, type BenchSetup, createBench, gate, watchedStore } from "../bench";

const fault = (name: Fault, started: ProviderErrorInfo["started"] = "no") =>
  new ProviderError(name, `it failed: ${name}`, { started });

/** One script per call, in order; the last one stays. */
const inTurn =
  (...scripts: readonly Script[]): Script =>
  (task, context) => {
    const script = scripts[Math.min(turn++, scripts.length - 1)];
    if (script === undefined) throw new Error("no script");
    return script(task, context);
  };
const failing =
  (error: unknown): Script =>
  () =>
    Promise.reject(error);
const making: Script = (task) => pictures(task.n);

const LIMITS = {
  attemptMs: 300_000,
  imageBytes: 1024 * 1024,
  progressPerSecond: 10,
  previewsPerSecond: 2,
  previewBytes: 256 * 1024,
};

let turn = 0;
let bench: Bench;
let provider: ScriptedProvider;

function start(
  script: Script,
  card: Parameters<typeof scriptedProvider>[1] = {},
  setup: BenchSetup = {},
): Bench {
  provider = scriptedProvider(script, card);
  bench = createBench([provider], setup);
  return bench;
}

/** One image per call, so that n calls are made. */
const single = { limits: { n: 1 } };
const oneByOne = { limits: { n: 1, concurrent: 1 } };

const warningsOf = (job: JobRecord) => job.warnings.map(({ message }) => message);

beforeEach(() => {
  turn = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await bench.close();
});

describe("a job that succeeds", () => {
  it("keeps the pictures of all calls in their order", async () => {
    const slow = gate();
    start(
      inTurn(
        async () => {
          await slow.opened;
          return { images: [bytesOut(await picture({ width: 10 }))], meta: () => ({}) };
        },
        async () => ({ images: [bytesOut(await picture({ width: 11 }))], meta: () => ({}) }),
        async () => {
          slow.open();
          return { images: [bytesOut(await picture({ width: 12 }))], meta: () => ({}) };
        },
      ),
      single,
    );
    const job = await bench.run({ n: 3 });
    expect(job).toMatchObject({ status: "completed", progress: 100, warnings: [] });
    expect(job.images.map(({ width }) => width)).toEqual([10, 11, 12]);
    expect(await bench.store.kept()).toHaveLength(3);
  });

  it("calls the upstream once per split, with seeds that differ", async () => {
    start(making, { limits: { n: 2 } });
    await bench.run({ n: 5 });
    expect(provider.calls.map(({ n }) => n)).toEqual([2, 2, 1]);
    expect(new Set(provider.calls.map(({ seed }) => seed)).size).toBe(3);
    expect(provider.calls.every(({ op, model }) => op === "generate" && model === "test-model")).toBe(true);
  });

  it("makes no more calls at the same time than the card allows", async () => {
    let atOnce = 0;
    let most = 0;
    start(
      async (task) => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        const made = await pictures(task.n);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce -= 1;
        return made;
      },
      { limits: { n: 1, concurrent: 3 } },
    );
    await bench.run({ n: 10 });
    expect(provider.calls).toHaveLength(10);
    expect(most).toBe(3);
  });

  it("gives each call a key and a deadline of its own", async () => {
    const contexts: RunContext[] = [];
    start((task, context) => {
      contexts.push(context);
      return pictures(task.n);
    }, single);
    const before = Date.now();
    const { id } = await bench.run({ n: 2 });
    expect(contexts.map(({ jobId, requestId }) => [jobId, requestId])).toEqual([
      [id, "req_1"],
      [id, "req_1"],
    ]);
    expect(new Set(contexts.map(({ callKey }) => callKey)).size).toBe(2);
    for (const { deadline } of contexts) {
      expect(deadline).toBeGreaterThanOrEqual(before + LIMITS.attemptMs);
      expect(deadline).toBeLessThanOrEqual(Date.now() + LIMITS.attemptMs);
    }
  });

  it("cuts what is more than was asked for, unopened, and says so", async () => {
    let opened = 0;
    start(async (task) => {
      const { images, ...rest } = await pictures(task.n);
      const extra: ImageOut = {
        data: {
          as: "bytes",
          async *open() {
            opened += 1;
            yield await picture();
          },
        },
      };
      return { ...rest, images: [...(Array.isArray(images) ? images : []), extra, extra] };
    });
    const job = await bench.run({ n: 2 });
    expect(job.images).toHaveLength(2);
    expect(warningsOf(job)).toEqual(["The provider made 2 images more than asked; they were dropped."]);
    expect(opened).toBe(0);
  });

  it("tells of the usage only what it knows, also of a single call", async () => {
    start(async () => ({
      ...(await pictures(1)),
      meta: () => ({ usage: Object.assign({ inputTokens: 1, inputTokensDetails: {} }, { cost: 3 }) }),
    }));
    expect((await bench.run({ n: 1 })).usage).toEqual({ inputTokens: 1 });
  });

  it("says when fewer came", async () => {
    start(() => pictures(1));
    const job = await bench.run({ n: 3 });
    expect(job).toMatchObject({ status: "completed" });
    expect(warningsOf(job)).toEqual(["1 of 3 images were made; the provider made no more."]);
  });

  it("adds up what the calls tell, and keeps the warnings of admission first", async () => {
    const telling: Script = async (task) => ({
      ...(await pictures(task.n)),
      meta: () => ({
        usage: { inputTokens: 2, outputTokens: 3, inputTokensDetails: { textTokens: 1 } },
        warnings: [{ message: "from upstream" }],
        effective: { quality: "high" },
      }),
    });
    start(inTurn(telling, making, telling), { ...oneByOne, params: { style: false } });
    const job = await bench.run({ n: 3, style: "vivid" });
    expect(job.usage).toEqual({ inputTokens: 4, outputTokens: 6, inputTokensDetails: { textTokens: 2 } });
    expect(job.effective).toEqual({ quality: "high" });
    expect(warningsOf(job)).toEqual([
      "'style' does not apply to this model and was ignored.",
      "from upstream",
      "from upstream",
    ]);
  });

  it("knows revised prompts that come with a picture or after it", async () => {
    const early: Script = (task) => pictures(task.n, { revisedPrompt: "early" });
    const late: Script = async () => {
      const bytes = await picture();
      let revised: string | undefined;
      const out: ImageOut = {
        data: {
          as: "bytes",
          async *open() {
            yield bytes;
            revised = "late";
          },
        },
        get revisedPrompt() {
          return revised;
        },
      };
      return { images: [out], meta: () => ({}) };
    };
    start(inTurn(early, late), { limits: { n: 2, concurrent: 1 } });
    const job = await bench.run({ n: 3 });
    expect(job.images.map(({ revisedPrompt }) => revisedPrompt)).toEqual(["early", "early", "late"]);
  });

  it("remembers what the upstream calls the work", async () => {
    start(async (task, { submitted }) => {
      await submitted({ provider: "scripted", id: `up-${task.seed === undefined ? "one" : "many"}` });
      return pictures(task.n);
    });
    expect((await bench.run()).refs).toEqual([{ call: 0, provider: "scripted", id: "up-one" }]);
  });
});

describe("a job that succeeds in part", () => {
  it("is completed with those that came and a warning", async () => {
    start(inTurn(making, failing(fault("unavailable", "maybe")), making), oneByOne);
    const job = await bench.run({ n: 3 });
    expect(job).toMatchObject({ status: "completed", progress: 100 });
    expect(job.images).toHaveLength(2);
    expect(warningsOf(job)).toEqual(["2 of 3 images were made; the provider failed for the others."]);
    expect(provider.calls).toHaveLength(3);
    expect(await bench.store.kept()).toHaveLength(2);
  });

  it("keeps the first pictures of a call that breaks later", async () => {
    start(async () => ({
      images: (async function* () {
        yield bytesOut(await picture());
        throw fault("unavailable", "yes");
      })(),
      meta: () => ({}),
    }));
    const job = await bench.run({ n: 2 });
    expect(job).toMatchObject({ status: "completed" });
    expect(job.images).toHaveLength(1);
  });

  it("counts pictures of a provider that cannot tell its facts", async () => {
    start(async (task) => ({
      ...(await pictures(task.n)),
      meta: () => {
        throw new Error("not yet");
      },
    }));
    expect(await bench.run()).toMatchObject({ status: "completed", images: [{ width: 8 }] });
  });
});

describe("a job that fails", () => {
  it.each<[string, Script, string]>([
    ["makes nothing", () => ({ images: [], meta: () => ({}) }), "upstream_invalid_response"],
    [
      "throws at once",
      () => {
        throw new Error("sk-secret");
      },
      "upstream_error",
    ],
    ["rejects with a text", failing("sk-secret"), "upstream_error"],
    ["rejects with nothing", failing(undefined), "upstream_error"],
    [
      "rejects with an error of its library",
      failing(Object.assign(new Error("sk-secret"), { code: 5 })),
      "upstream_error",
    ],
    [
      "lets a failure below HTTP through",
      failing(new HttpError("total_timeout", "maybe", "x")),
      "upstream_timeout",
    ],
    [
      "lets a refused connection through",
      failing(new HttpError("refused", "no", "x")),
      "provider_unavailable",
    ],
    ["gives nothing", () => JSON.parse("null"), "upstream_error"],
    ["gives no list", () => JSON.parse("{}"), "upstream_error"],
    [
      "gives what is no picture",
      () => ({ images: [bytesOut(Buffer.from("<html>"))], meta: () => ({}) }),
      "upstream_invalid_response",
    ],
  ])("says whose fault it is when the provider %s", async (_name, script, code) => {
    start(script);
    const job = await bench.run();
    expect(job).toMatchObject({ status: "failed", images: [], error: { code } });
    expect(JSON.stringify([job, bench.lines])).not.toContain("sk-secret");
    expect(provider.calls).toHaveLength(1);
  });

  it("stops the other calls for a fault that they would meet too", async () => {
    let isOtherStopped = false;
    const bad = gate();
    start(
      inTurn(
        async () => {
          await bad.opened;
          throw fault("content_policy");
        },
        (task, context) => {
          bad.open();
          context.signal.addEventListener("abort", () => {
            isOtherStopped = true;
          });
          return untilAborted(task, context);
        },
      ),
      single,
    );
    const job = await bench.run({ n: 5 });
    expect(job).toMatchObject({ status: "failed", error: { code: "content_policy_violation" } });
    expect(isOtherStopped).toBe(true);
    expect(provider.calls).toHaveLength(2);
  });

  it("keeps the pictures of the others when a moderator refuses one that was made", async () => {
    const refused = new ProviderError("content_policy", "Not this one.", {
      started: "yes",
      moderation: { stage: "output" },
    });
    start(
      inTurn(
        () => {
          throw refused;
        },
        (task) => pictures(task.n),
      ),
      single,
    );
    const job = await bench.run({ n: 3 });
    expect(job).toMatchObject({ status: "completed", images: [{ place: 1 }, { place: 2 }] });
  });

  it("tries the other calls after a fault that may pass", async () => {
    start(failing(fault("rate_limit")), oneByOne);
    const job = await bench.run({ n: 3 });
    expect(job).toMatchObject({ error: { code: "rate_limit_exceeded", retry: true } });
    expect(provider.calls).toHaveLength(3);
  });

  it("forbids a repeat when any of its calls may have been paid for", async () => {
    start(inTurn(failing(fault("rate_limit")), failing(fault("unavailable", "maybe"))), oneByOne);
    expect((await bench.run({ n: 2 })).error).toMatchObject({ code: "upstream_error", retry: false });
  });

  it("makes no call when there is no room for its pictures", async () => {
    start(making, {}, { image: watchedStore(memoryStore({ maxBytes: 1024 })) });
    const job = await bench.run();
    expect(job.error).toMatchObject({ code: "storage_unavailable", retry: true, retryAfterSeconds: 30 });
    expect(provider.calls).toHaveLength(0);
  });

  it("makes no call when the store fails, and tells the caller nothing of why", async () => {
    const store: ImageStore = {
      ...watchedStore(),
      reserve: () => Promise.reject(new Error("EACCES /srv/secret")),
    };
    start(making, {}, { store });
    const job = await bench.run();
    expect(job.error).toMatchObject({ code: "storage_unavailable", retry: true });
    expect(provider.calls).toHaveLength(0);
    expect(JSON.stringify([job, bench.lines])).not.toContain("secret");
  });

  it("forbids a repeat when the store fills up after the call was made", async () => {
    start(
      async () => ({ images: [bytesOut(await noise(300))], meta: () => ({}) }),
      { limits: { n: 1 } },
      { image: watchedStore(memoryStore({ maxBytes: 70_000 })) },
    );
    const job = await bench.run({ size: { width: 8, height: 8 } });
    expect(job.error).toMatchObject({ code: "storage_unavailable", retry: false });
    expect(provider.calls).toHaveLength(1);
  });

  it("leaves none of its pictures in the store", async () => {
    start(
      inTurn(making, (task, context) => untilAborted(task, context)),
      oneByOne,
    );
    const job = await bench.admit({ n: 2 });
    await until(() => provider.calls.length === 2);
    expect(await bench.store.kept()).toHaveLength(1);
    await bench.queue.cancel(job.id);
    expect(await bench.ended(job.id)).toMatchObject({ status: "cancelled", images: [] });
    await until(async () => (await bench.store.kept()).length === 0);
    expect(bench.store.written).toHaveLength(1);
  });

  it("does not make a call that an earlier holder of the job may have made", async () => {
    const queue = memoryJobs();
    const forgetful = {
      ...queue,
      work: (run: Parameters<typeof queue.work>[0]) =>
        queue.work((claim) => run({ ...claim, markDispatch: async () => false })),
    };
    start(making, {}, { queue: forgetful });
    expect((await bench.run()).error).toMatchObject({ code: "worker_lost", retry: false });
    expect(provider.calls).toHaveLength(0);
  });
});

describe("a job that is stopped", () => {
  it("is cancelled while it runs, and the provider is told", async () => {
    const calls = gate();
    let reason: unknown;
    start((task, context) => {
      calls.open();
      context.signal.addEventListener("abort", () => {
        reason = context.signal.reason;
      });
      return untilAborted(task, context);
    });
    const job = await bench.admit();
    await calls.opened;
    await bench.queue.cancel(job.id);
    expect(await bench.ended(job.id)).toMatchObject({
      status: "cancelled",
      error: { code: "job_cancelled", retry: false },
    });
    expect(reason).toMatchObject({ code: "job_cancelled" });
  });

  it("makes no call when it is cancelled before its first one", async () => {
    const queue = memoryJobs();
    const cancelling = {
      ...queue,
      work: (run: Parameters<typeof queue.work>[0]) =>
        queue.work((claim) =>
          run({
            ...claim,
            async markDispatch(key) {
              const isNew = await claim.markDispatch(key);
              await queue.cancel(claim.job.id);
              return isNew;
            },
          }),
        ),
    };
    start(making, {}, { queue: cancelling });
    expect((await bench.run()).status).toBe("cancelled");
    expect(provider.calls).toHaveLength(0);
  });

  it("is not waited for longer than a second when the provider does not stop", async () => {
    jest.useFakeTimers();
    start(() => new Promise(() => {}));
    const job = await bench.admit();
    await jest.advanceTimersByTimeAsync(0);
    await bench.queue.cancel(job.id);
    await jest.advanceTimersByTimeAsync(999);
    expect((await bench.queue.get(job.id))?.status).toBe("in_progress");
    await jest.advanceTimersByTimeAsync(1);
    expect((await bench.queue.get(job.id))?.status).toBe("cancelled");
  });

  it("does not succeed after all when the provider finishes just then", async () => {
    const calls = gate();
    start(async (task, context) => {
      calls.open();
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      return pictures(task.n);
    });
    const job = await bench.admit();
    await calls.opened;
    await bench.queue.cancel(job.id);
    expect(await bench.ended(job.id)).toMatchObject({ status: "cancelled", images: [] });
    expect(await bench.store.kept()).toEqual([]);
  });

  it("forbids a repeat when a shutdown ends it in the middle of a call", async () => {
    const calls = gate();
    start((task, context) => {
      calls.open();
      return untilAborted(task, context);
    });
    const job = await bench.admit();
    await calls.opened;
    await bench.queue.close({ timeoutMs: 0 });
    expect((await bench.queue.get(job.id))?.error).toMatchObject({ code: "draining", retry: false });
  });
});

describe("deadlines", () => {
  const ms = (limits: Partial<typeof LIMITS>) => ({ limits: { ...LIMITS, ...limits } });

  it("end a call, which is then not to be repeated", async () => {
    jest.useFakeTimers();
    start(untilAborted, {}, ms({ attemptMs: 1_000 }));
    const job = await bench.admit();
    await jest.advanceTimersByTimeAsync(999);
    expect((await bench.queue.get(job.id))?.status).toBe("in_progress");
    await jest.advanceTimersByTimeAsync(1);
    expect((await bench.queue.get(job.id))?.error).toMatchObject({ code: "upstream_timeout", retry: false });
  });

  it("end a call also when the provider never settles", async () => {
    jest.useFakeTimers();
    start(() => new Promise(() => {}), {}, ms({ attemptMs: 1_000 }));
    const job = await bench.admit();
    await jest.advanceTimersByTimeAsync(2_000);
    expect((await bench.queue.get(job.id))?.error).toMatchObject({ code: "upstream_timeout" });
  });

  it("end a call whose picture never ends", async () => {
    jest.useFakeTimers();
    const image = bytesOut(new Uint8Array());
    const endless: ImageOut = {
      ...image,
      data: {
        as: "bytes",
        open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
      },
    };
    start(() => ({ images: [endless], meta: () => ({}) }), {}, ms({ attemptMs: 1_000 }));
    const job = await bench.admit();
    await jest.advanceTimersByTimeAsync(2_000);
    expect((await bench.queue.get(job.id))?.error).toMatchObject({ code: "upstream_timeout" });
  });

  it("of the whole job leave the calls unmade for which no time is left", async () => {
    jest.useFakeTimers();
    const times = { queueMs: 30_000, runMs: 1_500 };
    start(untilAborted, oneByOne, { ...ms({ attemptMs: 1_000 }), times: { waitedFor: times, async: times } });
    const job = await bench.admit({ n: 4 });
    await jest.advanceTimersByTimeAsync(3_000);
    expect((await bench.queue.get(job.id))?.error).toMatchObject({ code: "upstream_timeout", retry: false });
    expect(provider.calls).toHaveLength(2);
  });

  it("leave no timer behind", async () => {
    start(making);
    jest.useFakeTimers();
    const timers = jest.getTimerCount();
    const job = await bench.admit();
    while ((await bench.queue.get(job.id))?.status !== "completed") await jest.advanceTimersByTimeAsync(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(jest.getTimerCount()).toBe(timers);
  });
});

describe("progress of a job", () => {
  const told = (): number[] => {
    const percent: number[] = [];
    bench.queue.watch(({ progress }) => percent.push(progress));
    return percent;
  };

  it("is heard while it runs, never falls and reaches 100 at the end only", async () => {
    start(async (task, context) => {
      context.progress({ phase: "sampling", fraction: 0.5 });
      context.progress({ phase: "sampling", fraction: 0.4 });
      context.progress({ phase: "decoding", fraction: 1 });
      return pictures(task.n);
    });
    const percent = told();
    await bench.run();
    expect(percent).toContain(50);
    expect(percent).toEqual([...percent].sort((a, b) => a - b));
    expect(percent.filter((each) => each === 100)).toHaveLength(1);
  });

  it("is deaf to a provider that reports after its end", async () => {
    const reports: ((progress: Progress) => void)[] = [];
    const second = gate();
    start(
      inTurn(
        (task, { progress }) => {
          reports.push(progress);
          return pictures(task.n);
        },
        async (task) => {
          await second.opened;
          return pictures(task.n);
        },
      ),
      oneByOne,
    );
    const job = await bench.admit({ n: 2 });
    await until(() => provider.calls.length === 2);
    for (const report of reports) report({ phase: "loading", fraction: 0.9, step: 7 });
    expect(await bench.queue.get(job.id)).toMatchObject({ progress: 0 });
    expect(await bench.queue.get(job.id)).not.toHaveProperty("step");
    second.open();
    const { seq } = await bench.ended(job.id);
    for (const report of reports) report({ phase: "saving", fraction: 1 });
    expect((await bench.queue.get(job.id))?.seq).toBe(seq);
  });

  it("never throws into the provider", async () => {
    let thrown: unknown = "nothing";
    start((task, { progress }) => {
      const junk: Progress[] = JSON.parse(
        '[null, 5, {}, {"phase":"sampling","preview":{}}, {"phase":"sampling","preview":null}]',
      );
      try {
        for (const each of junk) progress(each);
      } catch (error) {
        thrown = error;
      }
      return pictures(task.n);
    });
    expect((await bench.run()).status).toBe("completed");
    expect(thrown).toBe("nothing");
  });

  it("asks for previews also through the context that a decorator makes of its own", async () => {
    const wanted: boolean[] = [];
    start((task: ImageTask, context) => {
      const stop = bench.previews.listen({ wants: () => true, show: () => {} });
      for (const made of [{ ...context }, new Proxy(context, {}), Object.create(context)])
        wanted.push(made.wantsPreviews);
      stop();
      return pictures(task.n);
    });
    await bench.run();
    expect(wanted).toEqual([true, true, true]);
  });

  it("has one signal in its context, and in what a decorator makes of that", async () => {
    const signals: AbortSignal[] = [];
    start((task: ImageTask, context) => {
      for (const made of [{ ...context }, new Proxy(context, {}), Object.create(context), context])
        signals.push(made.signal);
      return pictures(task.n);
    });
    await bench.run();
    expect(signals).toHaveLength(4);
    expect(new Set(signals).size).toBe(1);
    expect(signals[0]).toBeInstanceOf(AbortSignal);
  });

  it("asks for previews while somebody looks", async () => {
    const wanted: boolean[] = [];
    start((task: ImageTask, context) => {
      wanted.push(context.wantsPreviews);
      const stop = bench.previews.listen({ wants: () => true, show: () => {} });
      wanted.push(context.wantsPreviews);
      stop();
      wanted.push(context.wantsPreviews);
      return pictures(task.n);
    });
    await bench.run();
    expect(wanted).toEqual([false, true, false]);
  });
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setImmediate(resolve));
}

/** A picture that does not compress. */
async function noise(side: number): Promise<Buffer> {
  const raw = { width: side, height: side, channels: 3 } as const;
  return sharp(randomBytes(side * side * 3), { raw })
    .png()
    .toBuffer();
}
