import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";

import { type RawClient, rawClient } from "../http/raw";
import { startTarget, type Target } from "./target";

export const SOON_MS = 300;

/** The app of a target on a server that does not wait long for what clients owe it. */
export interface ImpatientServer {
  readonly target: Target;
  readonly server: Server;
  readonly url: string;
  /** The server's side of the connections of this test. */
  readonly accepted: Socket[];
  /** A connection that ends with the test. */
  client(): Promise<RawClient>;
  /** How many requests of this test reached a provider. */
  made(): number;
  beginTest(): void;
  endTest(): Promise<void>;
  close(): Promise<void>;
}

export async function startImpatientServer(): Promise<ImpatientServer> {
  const target = await startTarget();
  const server = createServer({ connectionsCheckingInterval: 25 }, target.host.app);
  server.headersTimeout = SOON_MS;
  server.requestTimeout = SOON_MS;
  const accepted: Socket[] = [];
  server.on("connection", (socket: Socket) => accepted.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  const clients: RawClient[] = [];
  let before = 0;

  return {
    target,
    server,
    url,
    accepted,
    async client() {
      const opened = await rawClient(url);
      clients.push(opened);
      return opened;
    },
    made: () => target.calls.length - before,
    beginTest() {
      before = target.calls.length;
      accepted.length = 0;
    },
    async endTest() {
      for (const { socket } of clients.splice(0)) socket.destroy();
      await target.expectUnharmed();
    },
    async close() {
      await target.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The status of each answer in what came back on a connection. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));
