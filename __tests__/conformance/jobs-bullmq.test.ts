import { bullmqJobs } from "../../lib/jobs/bullmq";
import type { JobQueue } from "../../lib/ports";
import { testJobQueue } from "../../lib/testing/job-queue";
import { describeWithRedis } from "../support/redis";

describeWithRedis("jobs over Redis", (redis) => {
  const prefixes = new Map<JobQueue, string>();

  testJobQueue(
    { describe, it },
    {
      create(options) {
        const prefix = `test-${prefixes.size}`;
        const queue = bullmqJobs({ redis: redis().url, prefix, ...options });
        prefixes.set(queue, prefix);
        return queue;
      },
      another: (queue, options) =>
        bullmqJobs({ redis: redis().url, prefix: prefixes.get(queue) ?? "", ...options }),
    },
  );
});
