import { bullmqJobs } from "../../../lib/jobs/bullmq";
import { isTerminal } from "../../../lib/ports";
import { refusal } from "../../../lib/testing/job-queue/bench";
import { describeWithRedis, startRedis } from "../../support/redis";
import { closeBenches, eventually, openBench } from "./bench";

/** What could not be handed over is due again. */
const SOON_MS = 6_000;
const AOF = ["--appendonly", "yes", "--appendfsync", "always"];

afterEach(closeBenches);

describeWithRedis(
  "a Redis that goes away",
  (redis) => {
    it("loses no job when it dies: what ran is settled, and what waited runs", async () => {
      const bench = await openBench(redis().url);
      bench.work();
      const first = await bench.submit({ limits: { running: 1 } });
      const second = await bench.submit({ limits: { running: 1 } });
      await bench.untilClaimed(first.id);

      await redis().kill();
      const settled = bench.finish(first.id);
      expect(await refusal(bench.submit())).toBe("queue_unavailable");
      expect(await refusal(bench.queue.list({ owner: "owner", limit: 1 }))).toBe("queue_unavailable");
      await redis().restart();

      expect((await settled)?.status).toBe("completed");
      await bench.untilClaimed(second.id);
      expect((await bench.finish(second.id))?.status).toBe("completed");
    });

    it("tells the end of a job to who followed it before", async () => {
      const bench = await openBench(redis().url);
      bench.work();
      const other = await bench.another();
      const { id } = await bench.submit();
      await bench.untilClaimed(id);
      const { heard } = await other.follow(id);
      await redis().kill();
      const settled = bench.finish(id);
      await redis().restart();
      await settled;
      expect((await other.until("the end", () => heard.find(isTerminal))).status).toBe("completed");
    });

    it("keeps no caller waiting while it is silent, and takes back what nobody knows of", async () => {
      const bench = await openBench(redis().url);
      bench.work();
      const running = await bench.submit();
      await bench.untilClaimed(running.id);
      const id = `imgjob_${"a".repeat(32)}`;

      redis().pause();
      const settled = bench.finish(running.id);
      await expect(bench.submit({ id })).rejects.toMatchObject({ code: "queue_unavailable", retry: false });
      redis().resume();

      expect((await settled)?.status).toBe("completed");
      await eventually(async () => (await redis().look().get(bench.key("count"))) === "2");
      await eventually(
        async () =>
          (await redis()
            .look()
            .exists(bench.key(`job:${id}`))) === 0,
      );
    });
  },
  ...AOF,
);

describeWithRedis("a job that could not be handed to BullMQ", (redis) => {
  /** BullMQ asks for it when a queue is opened. */
  const mayLook = (sign: "+" | "-") => redis().look().call("ACL", "SETUSER", "default", `${sign}info`);
  const counter = "{bench}:tickets:provider:id";

  it.each([
    [
      "its counter was no number",
      () => redis().look().set(counter, "none"),
      () => redis().look().del(counter),
    ],
    ["it could not open its queue", () => mayLook("-"), () => mayLook("+")],
  ])("because %s is tried again within seconds", async (_why, obstruct, clear) => {
    const bench = await openBench(redis().url, { prefix: "bench" });
    await bench.queue.ready?.();
    await obstruct();
    const { id } = await bench.submit();
    const dueAt = () => redis().look().zscore("{bench}:outbox", id);
    const first = await dueAt();
    bench.pass(SOON_MS);
    await eventually(async () => (await dueAt()) !== first);
    await clear();
    bench.pass(SOON_MS);
    bench.work();
    await bench.untilClaimed(id);
  });
});

describeWithRedis("a job that was taken in", (redis) => {
  it("is not refused because Redis does not tell its place", async () => {
    const bench = await openBench(redis().url);
    const mayRead = (sign: "+" | "-") => redis().look().call("ACL", "SETUSER", "default", `${sign}lrange`);
    await bench.queue.ready?.();
    await mayRead("-");
    expect((await bench.submit()).status).toBe("queued");
    await mayRead("+");
  });
});

describeWithRedis("a Redis at the start", (redis) => {
  it("may be absent: calls are refused, and work when it is there", async () => {
    await redis().kill();
    const queue = bullmqJobs({ redis: redis().url });
    queue.work(async () => {});
    expect(await refusal(queue.get("imgjob_0"))).toBe("queue_unavailable");
    const ready = queue.ready?.();
    await redis().restart();
    await ready;
    expect(await queue.get("imgjob_0")).toBeUndefined();
    await queue.close({ timeoutMs: 0 });
  });

  it("makes ready reject when it may throw jobs away", async () => {
    await redis().look().config("SET", "maxmemory-policy", "allkeys-lru");
    const queue = bullmqJobs({ redis: redis().url });
    await expect(queue.ready?.()).rejects.toThrow(/"allkeys-lru".*noeviction/);
    await queue.close({ timeoutMs: 0 });
    await redis().look().config("SET", "maxmemory-policy", "noeviction");
  });

  it("makes ready reject when the queue is closed before it is there", async () => {
    const gone = await startRedis();
    await gone.close();
    const queue = bullmqJobs({ redis: gone.url });
    const ready = queue.ready?.();
    await queue.close({ timeoutMs: 0 });
    await expect(ready).rejects.toThrow("closed before Redis was reached");
  });

  it("that is full refuses what is new and goes on when there is room", async () => {
    const bench = await openBench(redis().url);
    await redis().look().config("SET", "maxmemory", "1");
    // Nothing was taken in: it may be asked for again.
    await expect(bench.submit()).rejects.toMatchObject({ code: "queue_unavailable", retry: true });
    await redis().look().config("SET", "maxmemory", "0");
    expect((await bench.submit()).status).toBe("queued");
  });

  it("that has become a replica refuses what is new, and hears what came of its jobs when it is none", async () => {
    const bench = await openBench(redis().url);
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    await redis().look().replicaof("127.0.0.1", 1);
    await expect(bench.submit()).rejects.toMatchObject({ code: "queue_unavailable", retry: true });
    const settled = bench.finish(id);
    await redis().look().replicaof("NO", "ONE");
    expect((await settled)?.status).toBe("completed");
    const next = await bench.submit();
    await bench.untilClaimed(next.id);
  });
});
