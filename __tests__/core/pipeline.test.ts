import { type Access, createAccess } from "../../lib/core/callers/access";
import { knownCaller } from "../../lib/core/callers/caller";
import type { Principal } from "../../lib/ports";
import { pictures, scriptedProvider, untilAborted } from "../support/scripted-provider";
import { type Bench, type BenchSetup, createBench, recordingLog, refusalOf, request } from "./bench";

let bench: Bench;
afterEach(() => bench.close());

const denying = (has: (capability: string, model?: string) => boolean): Access<Principal> =>
  createAccess({
    identity: { authenticate: () => null },
    capabilities: { has: (_who, capability, { model }) => has(capability, model) },
    log: recordingLog().log,
  });

function start(setup: BenchSetup = {}, ...providers: Parameters<typeof createBench>[0]): Bench {
  bench = createBench(providers.length > 0 ? providers : [scriptedProvider()], setup);
  return bench;
}

describe("admit", () => {
  it("gives a job of the caller's with the request as it was written", async () => {
    start({}, scriptedProvider(undefined, { upstream: "theirs", aliases: ["mine"] }));
    const { signal } = new AbortController();
    const { job } = await bench.pipeline.admit({
      caller: bench.ann,
      request: request({ model: "mine" }),
      requestId: "req_7",
      clientRequestId: "client-7",
      signal,
    });
    expect(job).toMatchObject({
      id: expect.stringMatching(/^imgjob_[0-9a-f]{32}$/),
      owner: bench.ann.owner,
      limitKey: bench.ann.limitKey,
      requestId: "req_7",
      clientRequestId: "client-7",
      request: { model: "mine", prompt: "a red cube" },
      responseFormat: "url",
      provider: "scripted",
    });
    expect((await bench.ended(job.id)).status).toBe("completed");
  });

  it("refuses an unknown model before it asks for the capability", async () => {
    start({ access: denying(() => false) });
    expect((await refusalOf(bench.admit({ model: "nope" }))).code).toBe("model_not_found");
    expect((await refusalOf(bench.admit())).code).toBe("missing_capability");
  });

  it("asks for the capability by the model that was written", async () => {
    const asked: (string | undefined)[] = [];
    start({ access: denying((_capability, model) => asked.push(model) > 0) });
    await bench.run();
    expect(asked).toEqual(["test-model"]);
  });

  it("goes to the first provider whose card accepts, and stays with it", async () => {
    const picky = scriptedProvider(undefined, { limits: { qualities: ["low"] } }, "picky");
    const lax = scriptedProvider(undefined, {}, "lax");
    start({}, picky, lax);
    expect((await bench.run({ quality: "high" })).provider).toBe("lax");
    expect((await bench.run({ quality: "low" })).provider).toBe("picky");
    expect([picky.calls.length, lax.calls.length]).toEqual([1, 1]);
  });

  it("keeps a running job with the provider it was admitted to", async () => {
    let cards = [{ id: "test-model" }];
    const provider = { ...scriptedProvider(), models: () => cards };
    start({ jobLimits: { running: 1, queued: 4 } }, provider);
    const first = await bench.admit();
    const second = await bench.admit();
    cards = [];
    expect((await bench.ended(first.id)).status).toBe("completed");
    expect((await bench.ended(second.id)).status).toBe("completed");
  });

  it("refuses what no card accepts, with nothing dispatched and no job left behind", async () => {
    const provider = scriptedProvider(undefined, { limits: { formats: ["png"] } });
    start({}, provider);
    expect(await refusalOf(bench.admit({ outputFormat: "gif" }))).toMatchObject({
      code: "invalid_value",
      param: "output_format",
    });
    expect(provider.calls).toHaveLength(0);
    expect((await bench.queue.list({ owner: bench.ann.owner, limit: 10 })).jobs).toEqual([]);
  });

  it("is strict where the host says so", async () => {
    start({ rules: { strict: true, promptChars: 5 } });
    expect((await refusalOf(bench.admit({ prompt: "123456" }))).code).toBe("string_above_max_length");
    expect((await refusalOf(bench.admit({ prompt: "x", unknown: { cfg: 1 } }))).code).toBe(
      "unknown_parameter",
    );
  });

  it("finds the job of a request with a key by that, and gives it no other caller's work", async () => {
    const bench = createBench([scriptedProvider(untilAborted)]);
    const admit = (more: object) =>
      bench.pipeline.admit({
        caller: bench.ann,
        request: request(),
        requestId: "req_1",
        signal: new AbortController().signal,
        ...more,
      });
    const { job: orphan } = await admit({});
    bench.pipeline.left(orphan, bench.ann);
    const { job: first } = await admit({ idempotencyKey: "order-18", isRetry: true });
    const { job: second } = await admit({ idempotencyKey: "order-18" });
    expect(first.id).not.toBe(orphan.id);
    expect(second.id).toBe(first.id);
    await bench.close();
  });

  it("counts limits by caller", async () => {
    start({ jobLimits: { running: 1, queued: 1 } }, scriptedProvider(untilAborted));
    const bob = knownCaller({ id: "bob" });
    await bench.admit();
    await bench.admit();
    expect((await refusalOf(bench.admit())).code).toBe("concurrency_limit");
    await bench.admit({}, bob);
    expect((await bench.queue.list({ owner: bob.owner, limit: 10 })).jobs).toHaveLength(1);
  });

  it("lets a job wait only so long for its turn", async () => {
    const provider = scriptedProvider(untilAborted);
    start(
      {
        jobLimits: { running: 1, queued: 1 },
        times: { waitedFor: { queueMs: 20, runMs: 600_000 }, async: { queueMs: 600_000, runMs: 600_000 } },
      },
      provider,
    );
    await bench.admit();
    const late = await bench.admit();
    expect((await bench.ended(late.id)).error).toMatchObject({ code: "queue_timeout", retry: true });
    expect(provider.calls).toHaveLength(1);
  });

  it("does not mix jobs that run at the same time", async () => {
    const provider = scriptedProvider(async (task) => {
      await new Promise((resolve) => setImmediate(resolve));
      return pictures(task.n, { revisedPrompt: task.op === "generate" ? task.prompt : "" });
    });
    start({}, provider);
    const prompts = Array.from({ length: 8 }, (_, index) => `prompt ${index}`);
    const jobs = await Promise.all(prompts.map((prompt) => bench.run({ prompt })));
    expect(jobs.map(({ images }) => images.map(({ revisedPrompt }) => revisedPrompt))).toEqual(
      prompts.map((prompt) => [prompt]),
    );
  });
});
