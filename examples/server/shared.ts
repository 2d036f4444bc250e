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
  tellOutages([publisher, subscriber], redisUrl, logger);
  return {
    jobs: bullmqJobs({ redis: redisUrl, role, concurrency, logger }),
    join: (io) => void io.adapter(createAdapter(publisher, subscriber)),
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** One line for each outage, without the credentials that the address may hold: every attempt to connect fails anew. */
function tellOutages(connections: readonly Redis[], redisUrl: string, logger: Logger): void {
  const { hostname, port } = new URL(redisUrl);
  const redis = `${hostname}:${port || 6379}`;
  const away = new Set<Redis>();
  for (const each of connections) {
    each.on("error", (error: Error) => {
      const code = "code" in error ? error.code : undefined;
      if (away.size === 0) logger.warn({ redis, code }, "Redis cannot be reached for events");
      away.add(each);
    });
    each.on("ready", () => away.delete(each));
  }
}

/** Where pictures lie; `undefined`: in a private temporary folder. */
export function makeStore({ storeDir, s3 }: Settings, logger: Logger): ImageStore | undefined {
  if (storeDir !== undefined) return diskStore({ directory: storeDir });
  if (s3 === undefined) return undefined;
  const { bucket, endpoint } = s3;
  return s3ImageStore({ bucket, logger, ...(endpoint === undefined ? {} : { endpoint }) });
}
