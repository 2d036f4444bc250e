import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

import express from "express";
import {
  type ClientToServerEvents,
  type Logger,
  openaiErrorHandler,
  type ServerToClientEvents,
} from "express-image-gateway";
import { Server } from "socket.io";

import { makeGateway } from "./gateway";
import type { Settings } from "./settings";

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** This file is compiled into another folder; the page stays where it is, found from the root of the package. */
const PAGE = join(dirname(require.resolve("express-image-gateway/package.json")), "examples/server/public");

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; base-uri 'none'";

/** The whole example: API, progress, health and page on one port. */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const { images, shared } = makeGateway(settings, logger);

  const app = express();
  app.disable("x-powered-by");
  app.use("/v1", images.router);
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", async (_req, res) => {
    const health = await images.health();
    res.status(health.status === "ready" ? 200 : 503).json(health);
  });
  app.use(
    express.static(PAGE, { setHeaders: (res) => res.setHeader("content-security-policy", PAGE_POLICY) }),
  );
  app.use(openaiErrorHandler({ logger }));

  const server = createServer(app);
  const io = new Server<ClientToServerEvents, ServerToClientEvents>(server, { maxHttpBufferSize: 100_000 });
  shared?.join(io);
  images.attach(io);
  await images.ready();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(isInUse(error) ? portInUse(settings.port, error) : error));
    server.listen(settings.port, settings.host, resolve);
  });

  return {
    url: addressOf(server.address(), settings.host),
    async close() {
      await images.close();
      // Closes the HTTP server too, once the answers under way are out.
      await io.close();
      shared?.close();
    },
  };
}

const isInUse = (error: Error): boolean => "code" in error && error.code === "EADDRINUSE";

const portInUse = (port: number, cause: Error): Error =>
  new Error(`Port ${port} is in use: set PORT to another one.`, { cause });

function addressOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
