import { randomUUID } from "node:crypto";
import { bullmqJobs } from "../../../lib/jobs/bullmq";
import type { JobNotifier, JobQueue, JobRecord } from "../../../lib/ports";
import { signalled } from "../../support/gate";
import { describeWithRedis } from "../../support/redis";
import { COMPLETED, newJob } from "../memory/bench";
import { eventually } from "./bench";

const LIMITS = { limits: { running: 4, queued: 4 }, startBy: Number.MAX_SAFE_INTEGER };

describeWithRedis("webhooks over Redis", (redis) => {
  let now = Date.now();
  const queues: JobQueue[] = [];
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close({ timeoutMs: 0 });
  });

  function open(prefix: string, notify: JobNotifier): JobQueue {
    const queue = bullmqJobs({ redis: redis().url, prefix, clock: () => now });
    queue.work(async ({ job }) => void (await queue.settle(job.id, COMPLETED)));
    queue.notify?.(notify);
    queues.push(queue);
    return queue;
  }
  const submit = async (queue: JobQueue, webhook?: string) => {
    const job = newJob({ id: `imgjob_${randomUUID().replaceAll("-", "")}` });
    await queue.ready?.();
    const request = webhook === undefined ? job.request : { ...job.request, webhook };
    return queue.submit({ ...job, request }, LIMITS);
  };

  const due = async (prefix: string, id: string) =>
    Number(await redis().look().zscore(`{${prefix}}:notices`, id));

  it("are told of the end, of no other job's", async () => {
    const heard = signalled<JobRecord>();
    const queue = open(randomUUID(), async (job) => {
      heard.resolve(job);
      return "done";
    });
    await submit(queue);
    const { id } = await submit(queue, "https://example.com/hook");
    expect(await heard.promise).toMatchObject({ id, status: "completed" });
  });

  it("are told again when it could not be done, at growing intervals", async () => {
    const prefix = randomUUID();
    const attempts: number[] = [];
    const queue = open(prefix, async () => {
      attempts.push(now);
      return attempts.length < 3 ? "again" : "done";
    });
    const { id } = await submit(queue, "https://example.com/hook");
    const begun = now;
    for (const pause of [5_000, 30_000]) {
      await eventually(async () => (await due(prefix, id)) === now + pause);
      now += pause;
    }
    await eventually(async () => (await redis().look().exists(`{${prefix}}:notices`)) === 0);
    expect(attempts.map((at) => at - begun)).toEqual([0, 5_000, 35_000]);
  });

  it("are told by another process when the one that was about to has died", async () => {
    const prefix = randomUUID();
    const taken = signalled();
    const end = signalled<"again">();
    const heard: string[] = [];
    const dying = open(prefix, () => {
      taken.resolve();
      return end.promise;
    });
    const { id } = await submit(dying, "https://example.com/hook");
    await taken.promise;
    open(prefix, async (job) => {
      heard.push(job.id);
      return "done";
    });
    // Each time that it is due one of the two takes it.
    await eventually(async () => {
      now = Math.max(now, await due(prefix, id));
      return heard.length > 0;
    });
    expect(heard).toEqual([id]);
    end.resolve("again");
  });
});
