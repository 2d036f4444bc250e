import { type Connections, connect } from "../../../lib/jobs/bullmq/connections";
import { isTerminal, type JobPreview } from "../../../lib/ports";
import { freePort } from "../../support/free-port";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, eventually, openBench } from "./bench";

const nothing = () => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

afterEach(closeBenches);

it("tells which Redis is away, once for each connection, without the password in its address", async () => {
  const port = await freePort();
  const lines: unknown[] = [];
  const connections = await new Promise<Connections>((resolve) => {
    const warn = (...line: unknown[]) => {
      lines.push(line);
      if (lines.length === 2) resolve(both);
    };
    const both = connect(`redis://:secret@127.0.0.1:${port}`, { ...silent, warn });
  });
  connections.close();
  await expect(connections.ready()).rejects.toThrow("closed");
  const line = [{ redis: `127.0.0.1:${port}`, code: "ECONNREFUSED" }, "Redis cannot be reached"];
  expect(lines).toEqual([line, line]);
});

describeWithRedis("connections", (redis) => {
  it("make all of several commands fail when one was not answered: what is not known is not absent", async () => {
    const connections = connect(redis().url, silent);
    await connections.ready();
    await redis().look().set("text", "no hash");
    const both = connections.askAll((pipeline) => pipeline.get("text").hgetall("text"));
    await expect(both).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(await connections.askAll((pipeline) => pipeline.get("text").get("none"))).toEqual([
      "no hash",
      null,
    ]);
    connections.close();
  });

  it("subscribe again to all that is listened to after they were cut", async () => {
    const bench = await openBench(redis().url);
    const other = await bench.another();
    bench.work();
    const { id, owner } = await bench.submit();
    const { heard } = await other.follow(id);
    const seen: JobPreview[] = [];
    other.queue.previews?.listen(owner, (preview) => seen.push(preview));
    const channels = [bench.key(`news:${id}`), bench.key(`previews:${owner}`)];
    const counts = async () =>
      (
        await redis()
          .look()
          .pubsub("NUMSUB", ...channels)
      ).filter(Number.isInteger);
    await eventually(async () => (await counts()).every((count) => count === 1));

    await redis().look().client("KILL", "TYPE", "pubsub");
    await eventually(async () => (await counts()).every((count) => count === 0));
    await eventually(async () => (await counts()).every((count) => count === 1));

    await bench.untilClaimed(id);
    const preview = {
      job: { id, owner },
      seq: 9,
      imageIndex: 0,
      contentType: "image/png",
      bytes: Buffer.from("a"),
    };
    bench.queue.previews?.publish(preview);
    await eventually(async () => seen.length === 1);
    expect(seen).toMatchObject([preview]);
    await bench.finish(id);
    expect((await other.until("the end", () => heard.find(isTerminal))).status).toBe("completed");
  });
});
