import { parsed } from "../../../internal/json-shape";
import type { WebSocketClass, WebSocketLike } from "./web-socket";

/** What a socket tells while it lives. */
export interface SocketEvents {
  opened(): void;
  /** Once, and last. */
  closed(): void;
  text(message: unknown): void;
  binary(message: Buffer): void;
}

export interface SocketOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPayload: number;
  readonly handshakeMs: number;
  /** Silence after which it is asked for a sign of life; twice that, and it counts as dead. */
  readonly pingMs: number;
}

/** Asks that previews carry the id of their run; heeded only as the first message of a connection. */
const FEATURES = JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } });

/**
 * Opens one connection. It is never paused: the server sends to all its clients one after the other, and a slow reader stalls
 * everybody.
 *
 * @returns what ends it at once, without waiting for the other side
 */
export function openSocket(
  WebSocket: WebSocketClass,
  options: SocketOptions,
  events: SocketEvents,
): () => void {
  const socket: WebSocketLike = new WebSocket(options.url, {
    headers: options.headers,
    perMessageDeflate: false,
    maxPayload: options.maxPayload,
    handshakeTimeout: options.handshakeMs,
    followRedirects: false,
  });
  let isOver = false;
  let isOpen = false;
  let isAnswering = true;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(pinging);
    socket.terminate();
    events.closed();
  };
  const pinging = setInterval(() => {
    if (!isOpen) return;
    if (!isAnswering) {
      end();
      return;
    }
    isAnswering = false;
    socket.ping();
  }, options.pingMs);
  pinging.unref();

  socket.on("open", () => {
    if (isOver) return;
    isOpen = true;
    socket.send(FEATURES);
    events.opened();
  });
  socket.on("pong", () => {
    isAnswering = true;
  });
  socket.on("message", (data, isBinary) => {
    isAnswering = true;
    if (isOver || !Buffer.isBuffer(data)) return;
    if (isBinary) events.binary(data);
    else events.text(parsed(data.toString()));
  });
  // Stays for good: ending a connection that is still being made raises one more error.
  socket.on("error", end);
  socket.on("close", end);
  return end;
}
