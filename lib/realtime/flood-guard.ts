import { GatewayError } from "../ports";
import { acknowledgement } from "./acknowledgement";
import type { EventRate } from "./event-budget";
import { createEventBudget } from "./event-budget";
import type { GatewaySocket } from "./session";

const QUIET_MS = 250;
const MAX_ROUNDS = 8;

/**
 * Lets a socket go that sends too many events, whatever their names: `closing`, then nothing of it is heard any more.
 *
 * Socket.IO ends the whole connection, with the host's other namespaces, when a packet arrives for a socket that has been
 * disconnected. So the socket is kept until what was on its way has arrived, two seconds at most.
 */
export function guardAgainstFlood(socket: GatewaySocket, rate: EventRate): void {
  const withinRate = createEventBudget(rate);
  let draining: NodeJS.Timeout | undefined;
  let quiet = false;

  const drain = () => {
    let rounds = 0;
    draining = setInterval(() => {
      rounds += 1;
      if (quiet || rounds >= MAX_ROUNDS) socket.disconnect(false);
      quiet = true;
    }, QUIET_MS);
    draining.unref();
    socket.once("disconnect", () => clearInterval(draining));
  };

  socket.use((event, next) => {
    quiet = false;
    if (draining !== undefined) return;
    if (withinRate()) {
      next();
      return;
    }
    drain();
    acknowledgement(event)?.({
      ok: false,
      error: new GatewayError("flood", "Too many events: this socket is being disconnected.").body,
    });
    socket.emit("closing", { reason: "flood" });
  });
}
