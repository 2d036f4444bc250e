import { Queue } from "bullmq";
import type { JobRecord } from "../../../lib/ports";
import { isTerminal } from "../../../lib/ports";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, eventually, openBench, type RedisBench } from "./bench";

afterEach(closeBenches);

describeWithRedis("what lies in Redis", (redis) => {
  const keysOf = (bench: RedisBench) => redis().look().keys(`{${bench.prefix}}*`);

  it.each([
    ["no JSON", "state", "{"],
    ["a list", "base", "[]"],
    ["a state that is none", "state", JSON.stringify({ status: "elsewhere" })],
    ["the job of another id", "base", JSON.stringify({ id: "imgjob_1" })],
    ["a number that is none", "rev", "x"],
  ])("is not believed: %s", async (_what, field, value) => {
    const bench = await openBench(redis().url);
    const { id } = await bench.submit();
    await redis()
      .look()
      .hset(bench.key(`job:${id}`), field, value);
    expect(await bench.queue.get(id)).toBeUndefined();
    bench.work();
    const next = await bench.submit();
    await bench.untilClaimed(next.id);
    expect(bench.claims.map(({ job }) => job.id)).toEqual([next.id]);
  });

  it("may hold tickets for jobs that are none", async () => {
    const bench = await openBench(redis().url);
    const { port } = new URL(redis().url);
    const forged = new Queue("provider", {
      connection: { port: Number(port) },
      prefix: bench.key("tickets"),
    });
    await forged.add("x", { run: "rm" }, { jobId: "imgjob_none" });
    await forged.add("x", {});
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    expect(bench.claims).toHaveLength(1);
    await forged.close();
  });

  it("is gone some time after the end, but for what does not grow", async () => {
    const bench = await openBench(redis().url);
    bench.work();
    const ends: JobRecord[] = [];
    for (const limitKey of ["a", "b"]) {
      const { id } = await bench.submit({ limitKey, owner: limitKey, idempotencyKey: limitKey });
      await bench.queue.abandon(id, "fingerprint");
      await (await bench.untilClaimed(id)).markDispatch("call-1");
      const ended = await bench.finish(id);
      if (ended !== undefined) ends.push(ended);
    }
    const cancelled = await bench.submit({ owner: "a", startBy: bench.now() + 600_000 });
    await bench.queue.cancel(cancelled.id);
    // It may have begun before it was cancelled.
    bench.letGo(cancelled.id);
    await bench.untilEnded(cancelled.id);
    expect(ends.every(isTerminal)).toBe(true);
    bench.pass(3_600_001);
    const left = async () => (await keysOf(bench)).filter((key) => !key.includes(":tickets:")).sort();
    const constant = ["count", "providers", "rounds"].map(bench.key);
    await eventually(async () => (await left()).length <= constant.length);
    expect(await left()).toEqual(constant);
    const tickets = (await keysOf(bench)).filter((key) => key.includes(":tickets:"));
    expect(tickets.filter((key) => key.includes("imgjob_"))).toEqual([]);
  });

  it("names no owner's words: keys hold digests and ids, and no secret of the connection", async () => {
    const bench = await openBench(redis().url);
    const { id } = await bench.submit();
    const keys = await keysOf(bench);
    expect(keys.filter((key) => key.includes("prompt") || key.includes("127.0.0.1"))).toEqual([]);
    expect(keys).toContain(bench.key(`job:${id}`));
  });
});
