import { isTerminal } from "../../../lib/ports";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, eventually, openBench } from "./bench";

afterEach(closeBenches);

describeWithRedis("a claim over Redis", (redis) => {
  it("that another process has taken over writes nothing any more", async () => {
    const bench = await openBench(redis().url);
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    const before = await bench.queue.get(id);
    await redis()
      .look()
      .hset(bench.key(`job:${id}`), "claim", "somebody else's");
    expect(await claim.markDispatch("call-1")).toBe(false);
    expect(claim.signal.aborted).toBe(true);
    expect(await bench.queue.update(id, { progress: 50 })).toBeUndefined();
    expect(await bench.queue.nextSeq(id)).toBeUndefined();
    expect(await bench.finish(id)).toBeUndefined();
    expect(await bench.queue.get(id)).toEqual(before);
  });

  it("that another process has taken over ends nothing, although nobody has told it so", async () => {
    const bench = await openBench(redis().url);
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    await redis()
      .look()
      .hset(bench.key(`job:${id}`), "claim", "somebody else's");
    expect(await bench.finish(id)).toBeUndefined();
    expect(claim.signal.aborted).toBe(true);
    expect((await bench.queue.get(id))?.status).toBe("in_progress");
  });

  it("aborts when its lock is lost, and the job is given anew", async () => {
    const bench = await openBench(redis().url, { lockSeconds: 1 });
    bench.work();
    const { id } = await bench.submit();
    const lost = await bench.untilClaimed(id);
    await redis()
      .look()
      .del(bench.key(`tickets:provider:${id}:lock`));
    await bench.until("the abort", () => lost.signal.aborted || undefined);
    expect(await bench.queue.update(id, { progress: 50 })).toBeUndefined();
    bench.letGo(id);
    const next = await bench.until("another claim", () => bench.claims.find((claim) => claim !== lost));
    expect(next.job).toMatchObject({ id, status: "in_progress", progress: 0 });
    expect((await bench.finish(id))?.status).toBe("completed");
  });

  it("cannot be spoken for by a process without it", async () => {
    const bench = await openBench(redis().url);
    const other = await bench.another();
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    expect(await other.queue.update(id, { progress: 50 })).toBeUndefined();
    expect(await other.finish(id)).toBeUndefined();
    expect((await bench.finish(id))?.status).toBe("completed");
  });

  it("is given again when BullMQ has lost the job", async () => {
    const bench = await openBench(redis().url);
    const { id } = await bench.submit();
    const look = redis().look();
    await eventually(async () => (await look.exists(bench.key(`tickets:provider:${id}`))) === 1);
    await look.del(await look.keys(`${bench.key("tickets")}:*`));
    await look.zadd(bench.key("outbox"), 0, id);
    bench.work();
    await bench.untilClaimed(id);
  });

  it("aborts although the word to stop it was lost", async () => {
    const bench = await openBench(redis().url);
    const other = await bench.another();
    bench.work();
    const { id } = await bench.submit();
    const claim = await bench.untilClaimed(id);
    await redis().look().client("KILL", "TYPE", "pubsub");
    await other.queue.cancel(id);
    await bench.until("the abort", () => claim.signal.aborted || undefined);
    expect((await bench.finish(id))?.status).toBe("cancelled");
  });

  it("is followed to its end although news were lost", async () => {
    const bench = await openBench(redis().url);
    const other = await bench.another();
    bench.work();
    const { id } = await bench.submit();
    await bench.untilClaimed(id);
    const { heard } = await other.follow(id);
    await redis().look().client("KILL", "TYPE", "pubsub");
    await bench.queue.update(id, { progress: 10 });
    await bench.finish(id);
    await other.until("the end", () => heard.find(isTerminal));
    const seqs = heard.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  it("outlasts the close of a process where its caller waits, which waits with him", async () => {
    const bench = await openBench(redis().url);
    const web = await bench.another();
    const { id } = await web.submit({ fingerprint: "request", isWaitedFor: true });
    const { heard } = await web.follow(id);
    let isClosed = false;
    const closed = Promise.resolve(web.queue.close({ timeoutMs: 60_000 })).then(() => {
      isClosed = true;
    });
    bench.work();
    await bench.untilClaimed(id);
    await bench.finish(id);
    await web.until("the end", () => heard.find(isTerminal));
    expect(isClosed).toBe(false);
    await web.queue.answered?.(id);
    await closed;
    expect(await bench.queue.adopt({ owner: "owner", fingerprint: "request" })).toBeUndefined();
  });

  it("tells those that wait when their turns may come, in every process, as soon as one has ended", async () => {
    const bench = await openBench(redis().url);
    const web = await bench.another();
    bench.work();
    const limits = { running: 1 };
    const first = await bench.submit({ limits });
    await bench.untilClaimed(first.id);
    expect((await web.submit({ limits })).expectedStartAt).toBeUndefined();
    bench.pass(10_000);
    await bench.finish(first.id);
    await bench.until("the next", () => bench.claims[1]);
    const { id } = await web.submit({ limits });
    const { queuePosition, expectedStartAt = 0 } = (await web.queue.get(id)) ?? {};
    expect(queuePosition).toBe(1);
    const waitMs = expectedStartAt - bench.now();
    expect(waitMs).toBeGreaterThan(9_000);
    expect(waitMs).toBeLessThan(15_000);
  });

  it("waits in a line whose places are counted, and told to who follows", async () => {
    const bench = await openBench(redis().url);
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) ids.push((await bench.submit({ limits: { running: 1 } })).id);
    const placeOf = async (id = "") => (await bench.queue.get(id))?.queuePosition;
    expect(await Promise.all(ids.map(placeOf))).toEqual([1, 2, 3]);
    const { heard } = await bench.follow(ids[2] ?? "");
    await bench.queue.cancel(ids[0] ?? "");
    expect((await bench.until("another place", () => heard[0])).queuePosition).toBe(2);
  });
});
