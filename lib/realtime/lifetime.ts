import type { GatewaySocket } from "./session";

/** How long a socket lives, from its first packet on: before it is connected only the connection tells of its end. */
export interface Lifetime {
  readonly signal: AbortSignal;
  end(): void;
}

export function lifetimeOf(socket: GatewaySocket): Lifetime {
  const controller = new AbortController();
  const { conn } = socket;
  const end = () => {
    conn.off("close", end);
    socket.off("disconnect", end);
    controller.abort();
  };
  conn.once("close", end);
  socket.once("disconnect", end);
  if (conn.readyState !== "open") end();
  return { signal: controller.signal, end };
}
