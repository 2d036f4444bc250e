import type { Logger } from "express-image-gateway";
import { Server } from "socket.io";

import { makeGateway } from "./gateway";
import type { Settings } from "./settings";

export interface RunningWorker {
  close(): Promise<void>;
}

/** Works on jobs and listens nowhere. Its Socket.IO server has no sockets: what it reports goes to those of the others. */
export async function startWorker(settings: Settings, logger: Logger): Promise<RunningWorker> {
  const { images, shared } = makeGateway(settings, logger);
  const io = new Server();
  shared?.join(io);
  images.attach(io);
  await images.ready();
  return {
    async close() {
      await images.close();
      // The Socket.IO server listens nowhere, so there is nothing to close of it but its connections to Redis.
      shared?.close();
    },
  };
}
