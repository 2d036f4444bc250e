import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** One request as the upstream saw it, body included. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; throws when it is none. */
  json(): unknown;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly gone: Promise<void>;
}

/** Answers one request. A reply that does nothing leaves the caller waiting. */
export type Reply = (request: SeenRequest, response: ServerResponse) => unknown;

export interface Upstream {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Whole requests in the order of their arrival. */
  readonly requests: readonly SeenRequest[];
  /** TCP connections ever accepted. */
  connections(): number;
  /** Resolves with the next request to arrive whole. */
  next(): Promise<SeenRequest>;
  close(): Promise<void>;
}

/**
 * A scripted upstream on loopback: the first request gets the first reply, and so on; the last reply stays.
 *
 * @example
 * const server = await upstream(json(429, { error: "slow down" }), json(200, { data: [] }));
 */
export async function upstream(...script: readonly [Reply, ...Reply[]]): Promise<Upstream> {
  const requests: SeenRequest[] = [];
  const waiting: ((request: SeenRequest) => void)[] = [];
  const sockets = new Map<Socket, Promise<void>>();
  let connections = 0;

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    const gone = sockets.get(incoming.socket) ?? Promise.resolve();
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const { method = "", url = "", headers } = incoming;
    const seen: SeenRequest = {
      method,
      path: url,
      headers,
      body,
      gone,
      json: () => JSON.parse(body.toString()),
    };
    const reply = script[Math.min(requests.length, script.length - 1)];
    requests.push(seen);
    for (const resolve of waiting.splice(0)) resolve(seen);
    await reply?.(seen, response);
  });
  server.on("connection", (socket: Socket) => {
    connections += 1;
    socket.on("error", () => {});
    const gone = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    sockets.set(socket, gone);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the upstream listens on no port");
  const { port } = address;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => connections,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

/** A whole answer with a body of text or bytes. */
export function answer(
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Reply {
  return (_request, response) => {
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
    response.end(body);
  };
}

/** A whole JSON answer. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return answer(status, JSON.stringify(value), { "content-type": "application/json", ...headers });
}

/** Bytes straight onto the connection, which then ends, breaks, or stays open. */
export function raw(bytes: string | Uint8Array, then: "end" | "reset" | "stay" = "end"): Reply {
  return async (_request, { socket }) => {
    if (!socket) return;
    await new Promise((resolve) => socket.write(bytes, resolve));
    if (then === "end") socket.end();
    if (then === "reset") socket.resetAndDestroy();
  };
}

/** Never answers. */
export const silence: Reply = () => {};
