import { createAdapter } from "@socket.io/redis-adapter";
import type { ImageStore, JobQueue, Logger } from "express-image-gateway";
import { bullmqJobs } from "express-image-gateway/jobs/bullmq";
import { diskStore } from "express-image-gateway/stores/disk";
import { s3ImageStore } from "express-image-gateway/stores/s3";
import { Redis } from "ioredis";
import type { Server } from "socket.io";

import type { Settings, SharedSettings } from "./settings";

/** What several processes have in common: jobs and events in one Redis. */
export interface Shared {
  readonly jobs: JobQueue;
  /** Events of this server reach the sockets of all. */
  join(io: Server): void;
  /** After the gateway and the server have closed. */
  close(): void;
}

export function shareOverRedis({ redisUrl, role, concurrency }: SharedSettings, logger: Logger): Shared {
  const publisher = new Redis(redisUrl);
  const subscriber = publisher.duplicate();
  for (const each of [publisher, subscriber]) {
    each.on("error", () => logger.warn({}, "Redis cannot be reached for events"));
  }
  return {
    jobs: bullmqJobs({ redis: redisUrl, role, concurrency, logger }),
    join: (io) => void io.adapter(createAdapter(publisher, subscriber)),
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** Where pictures lie; `undefined`: in a private temporary folder. */
export function makeStore({ storeDir, s3 }: Settings, logger: Logger): ImageStore | undefined {
  if (storeDir !== undefined) return diskStore({ directory: storeDir });
  if (s3 === undefined) return undefined;
  const { bucket, endpoint } = s3;
  return s3ImageStore({ bucket, logger, ...(endpoint === undefined ? {} : { endpoint }) });
}
