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
    const cancelled = await bench.submit({ owner: "a", fingerprint: "fingerprint", isWaitedFor: true });
    await bench.queue.cancel(cancelled.id);
    // It may have begun before it was cancelled.
    bench.letGo(cancelled.id);
    await bench.untilEnded(cancelled.id);
    expect(ends.every(isTerminal)).toBe(true);
    bench.pass(3_600_001);
    const left = async () => (await keysOf(bench)).filter((key) => !/:(tickets|process):/.test(key)).sort();
    const constant = ["count", "ends:provider", "providers", "rounds"].map(bench.key);
    await eventually(async () => (await left()).length <= constant.length);
    expect(await left()).toEqual(constant);
    const tickets = (await keysOf(bench)).filter((key) => key.includes(":tickets:"));
    expect(tickets.filter((key) => key.includes("imgjob_"))).toEqual([]);
  });

  it("may be junk in what is looked through, which holds up nothing and is swept out", async () => {
    const bench = await openBench(redis().url);
    const lines = ["outbox", "queued", "ended", "notices", "orphans:owner:f", "waiting:owner:f"];
    const look = redis().look();
    for (const line of lines) {
      await look.zadd(bench.key(line), 0, "junk", 0, "imgjob_none", 0, "x owner");
    }
    bench.work();
    expect(await bench.queue.adopt({ owner: "owner", fingerprint: "f" })).toBeUndefined();
    const { id } = await bench.submit({ startBy: Number.MAX_SAFE_INTEGER });
    await bench.untilClaimed(id);
    expect((await bench.finish(id))?.status).toBe("completed");
    bench.queue.notify?.(async () => "done");
    const left = async () => {
      const members = await Promise.all(lines.map((line) => look.zrange(bench.key(line), 0, -1)));
      return members.flat().filter((member) => !member.startsWith(id));
    };
    await eventually(async () => (await left()).length === 0);
  });

  it("may all be gone: who waits is told, nothing is paid, and new jobs are done", async () => {
    const bench = await openBench(redis().url);
    bench.work();
    const { id } = await bench.submit();
    const waiting = await bench.submit({ limits: { running: 1 } });
    const claim = await bench.untilClaimed(id);
    const { heard } = await bench.follow(id);
    await redis().look().flushall();
    expect(await claim.markDispatch("call-1")).toBe(false);
    expect(await bench.finish(id)).toBeUndefined();
    expect(await bench.queue.get(waiting.id)).toBeUndefined();
    const next = await bench.submit();
    await bench.untilClaimed(next.id);
    expect((await bench.finish(next.id))?.status).toBe("completed");
    expect((await bench.until("the end", () => heard.find(isTerminal))).status).toBe("cancelled");
  });

  it("names no owner's words: keys hold digests and ids, and no secret of the connection", async () => {
    const bench = await openBench(redis().url);
    const { id } = await bench.submit();
    const keys = await keysOf(bench);
    expect(keys.filter((key) => key.includes("prompt") || key.includes("127.0.0.1"))).toEqual([]);
    expect(keys).toContain(bench.key(`job:${id}`));
  });
});
