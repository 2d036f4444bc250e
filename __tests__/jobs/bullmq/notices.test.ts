import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { bullmqJobs } from "../../../lib/jobs/bullmq";
import { NOTICES_MS } from "../../../lib/jobs/notice-delays";
import type { JobNotifier, JobQueue, JobRecord } from "../../../lib/ports";
import { startChild } from "../../stores/child";
import { signalled } from "../../support/gate";
import { describeWithRedis } from "../../support/redis";
import { COMPLETED, newJob } from "../memory/bench";
import { eventually } from "./bench";

const LIMITS = { limits: { running: 4, queued: 4 }, startBy: Number.MAX_SAFE_INTEGER };

describeWithRedis("webhooks over Redis", (redis) => {
  let now = Date.now();
  beforeEach(() => {
    now = Date.now();
  });
  const queues: JobQueue[] = [];
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close({ timeoutMs: 0 });
  });

  function open(prefix: string, notify?: JobNotifier): JobQueue {
    const queue = bullmqJobs({ redis: redis().url, prefix, clock: () => now });
    queue.work(async ({ job }) => void (await queue.settle(job.id, COMPLETED)));
    if (notify !== undefined) queue.notify?.(notify);
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

  it("are kept as long as there are attempts, though the job is not", async () => {
    const prefix = randomUUID();
    const queue = open(prefix, async () => "again");
    const { id } = await submit(queue, "https://example.com/hook");
    await eventually(async () => (await due(prefix, id)) === now + 5_000);
    const left = await redis().look().pttl(`{${prefix}}:job:${id}`);
    expect(left).toBeGreaterThan(NOTICES_MS);
    expect(NOTICES_MS).toBeGreaterThan(7_355_000);
    await queue.remove(id);
    now += 5_000;
    await eventually(async () => (await due(prefix, id)) === now + 30_000);
    expect(await queue.get(id)).toBeUndefined();
  });

  it("are told by another process when the one that was about to is killed", async () => {
    const prefix = randomUUID();
    const dying = startChild('require("./__tests__/jobs/bullmq/notifier.ts")', {
      args: [redis().url, prefix],
    });
    dying.stderr.pipe(process.stderr);
    const taken = once(dying.stdout, "data");
    const queue = open(prefix);
    const { id } = await submit(queue, "https://example.com/hook");
    expect(String((await taken)[0])).toBe(id);
    dying.kill("SIGKILL");
    await once(dying, "exit");

    const heard = signalled<string>();
    queue.notify?.(async (job) => {
      heard.resolve(job.id);
      return "done";
    });
    now = await due(prefix, id);
    expect(now - Date.now()).toBeGreaterThan(0);
    expect(await heard.promise).toBe(id);
    await eventually(async () => (await redis().look().exists(`{${prefix}}:notices`)) === 0);
  });
});
