import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection on which a test says every byte, and all that came back on it. */
export interface RawClient {
  readonly socket: Socket;
  /** What has been received so far. */
  text(): string;
  /** Resolves with everything received once `part` is in it; rejects when the connection ends before. */
  until(part: string | RegExp): Promise<string>;
  /** Resolves with everything received when the connection is over, however it ended. */
  over(): Promise<string>;
}

export async function rawClient(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = "";
  let isOver = false;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk;
    tell();
  });
  const end = () => {
    isOver = true;
    tell();
  };
  socket.on("end", end).on("close", end);
  // What a reset means, the test reads from what came before it.
  socket.on("error", () => {});
  await once(socket, "connect");

  const when = (isDone: () => boolean) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!isDone() && !isOver) return;
        listeners.delete(look);
        if (isDone()) resolve(received);
        else reject(new Error(`the connection ended after: ${received.slice(0, 500)}`));
      };
      listeners.add(look);
      look();
    });
  return {
    socket,
    text: () => received,
    until: (part) => when(() => (typeof part === "string" ? received.includes(part) : part.test(received))),
    over: () => when(() => isOver),
  };
}

/** Sends one request and gives the whole answer. */
export async function exchange(url: string, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const client = await rawClient(url);
  for (const piece of pieces) client.socket.write(piece);
  const answer = await client.over();
  client.socket.destroy();
  return answer;
}

/** The head of a POST to the generations route as `ann`, on a connection that closes with its answer. */
export const postHead = (...headers: readonly string[]): string =>
  [
    "POST /v1/images/generations HTTP/1.1",
    "Host: images.test",
    "Authorization: Bearer sk-ann",
    "Content-Type: application/json",
    "Connection: close",
    ...headers,
    "",
    "",
  ].join("\r\n");

/** The JSON body of a raw answer. */
export const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
