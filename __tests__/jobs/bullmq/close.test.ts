import { isTerminal } from "../../../lib/ports";
import { signalled } from "../../support/gate";
import { describeWithRedis } from "../../support/redis";
import { closeBenches, openBench } from "./bench";

afterEach(closeBenches);

describeWithRedis("a web process that closes", (redis) => {
  it("tells those that still read of jobs that run elsewhere, until they read no more", async () => {
    const web = await openBench(redis().url, { role: "web" });
    const worker = await openBench(redis().url, { prefix: web.prefix });
    worker.work();
    const { id } = await web.submit();
    const { heard } = await web.follow(id);
    await worker.untilClaimed(id);
    const readers = signalled();
    let isClosed = false;
    const closed = Promise.resolve(web.queue.close({ timeoutMs: 60_000, readers: readers.promise })).then(
      () => {
        isClosed = true;
      },
    );
    await worker.finish(id);
    await web.until("the end", () => heard.find(isTerminal));
    expect(isClosed).toBe(false);
    readers.resolve();
    await closed;
  });
});
