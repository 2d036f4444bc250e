import type { ClosingEvent } from "./events";
import type { GatewaySocket } from "./session";

/** Tells a socket why and lets it go. The connection stays: it may carry the host's other namespaces. */
export function dismiss(socket: GatewaySocket, reason: ClosingEvent["reason"]): void {
  const go = () => {
    if (!socket.connected) return;
    socket.emit("closing", { reason });
    socket.disconnect(false);
  };
  if (socket.connected) go();
  // Socket.IO connects an admitted socket a tick later, and before that there is nothing to let go.
  else setImmediate(go);
}
