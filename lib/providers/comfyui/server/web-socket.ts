/** What is used of a socket of the package ws; written out so that its types are not needed. */
export interface WebSocketLike {
  send(data: string): void;
  ping(): void;
  terminate(): void;
  on(event: "open" | "close" | "pong", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "message", listener: (data: unknown, isBinary: boolean) => void): unknown;
}

export interface WebSocketOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Compressing what a server next door sends costs more than it saves. */
  readonly perMessageDeflate: false;
  readonly maxPayload: number;
  readonly handshakeTimeout: number;
  readonly followRedirects: false;
}

export type WebSocketClass = new (url: string, options: WebSocketOptions) => WebSocketLike;

/**
 * Loads ws when the provider is made, so that the package loads without it. (Node 20 has no WebSocket client of its own.)
 *
 * @throws Error that names the remedy when ws is not installed.
 */
export function loadWebSocket(): WebSocketClass {
  try {
    const library: { readonly WebSocket: WebSocketClass } = require("ws");
    return library.WebSocket;
  } catch (error) {
    throw new Error("comfyui() needs the optional package ws: run `npm install ws`.", { cause: error });
  }
}
