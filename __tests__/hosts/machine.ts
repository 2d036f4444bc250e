import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdapter } from "@socket.io/redis-adapter";
import express from "express";
import { createImageRouter, type ImageProvider, type ImageRouterOptions } from "express-image-gateway";
import { bullmqJobs } from "express-image-gateway/jobs/bullmq";
import { diskStore } from "express-image-gateway/stores/disk";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { type Socket as ClientSocket, io as connect } from "socket.io-client";
import { PRINCIPALS, type TestPrincipal } from "../support/host";

export interface MachineSetup {
  readonly role: "web" | "worker";
  readonly redisUrl: string;
  readonly prefix: string;
  /** The folder that all share. */
  readonly directory: string;
  readonly providers: readonly ImageProvider[];
  readonly options?: Partial<ImageRouterOptions<TestPrincipal>>;
}

/** One process of many, as far as its parts go: own connections, own gateway, own server. */
export interface Machine {
  readonly url: string;
  socket(token: string): Promise<ClientSocket>;
  close(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export async function startMachine(setup: MachineSetup): Promise<Machine> {
  const { role, redisUrl, prefix, directory, providers } = setup;
  const images = createImageRouter<TestPrincipal>({
    authenticate: ({ token }) => (token === undefined ? null : PRINCIPALS.get(token)),
    capabilities: { has: (who, capability) => who.capabilities.includes(capability) },
    providers,
    store: diskStore({ directory }),
    jobs: bullmqJobs({ redis: redisUrl, prefix, role, lockSeconds: 2 }),
    links: { keys: [{ id: "k", secret: "0123456789abcdef0123456789abcdef" }] },
    logger: SILENT,
    limits: { runningPerPrincipal: 16, queuedPerPrincipal: 64, previewsPerSecond: 10 },
    ...setup.options,
  });
  const publisher = new Redis(redisUrl);
  const subscriber = publisher.duplicate();
  const app = express().use("/v1", images.router);
  const server = createServer(app);
  const io = role === "web" ? new Server(server) : new Server();
  io.adapter(createAdapter(publisher, subscriber, { key: prefix }));
  images.attach(io);
  await images.ready();
  if (role === "web") await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = role === "web" ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : "";
  const sockets: ClientSocket[] = [];
  return {
    url,
    async socket(token) {
      const socket = connect(`${url}/image-progress`, {
        auth: { token },
        forceNew: true,
        reconnection: false,
        transports: ["websocket"],
      });
      sockets.push(socket);
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("connect_error", reject);
      });
      return socket;
    },
    async close() {
      for (const socket of sockets) socket.disconnect();
      await images.close({ timeoutMs: 0 });
      if (role === "web") await io.close();
      server.closeAllConnections();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
