import { dismiss } from "./dismissal";
import type { Doorkeeper } from "./namespace-slot";
import { isOurs } from "./rooms";
import type { GatewaySocket } from "./session";

/**
 * Socket.IO's connection state recovery, where a host has turned it on, restores rooms, replays events and by default skips the
 * middlewares. Credentials may have ended meanwhile, so in our namespace a recovered socket is as good as a new one: it has left
 * its rooms, is replayed nothing, and is asked who it is before anything it sends is heard. Snapshots make up for the replay.
 */
export function leaveOurRooms(socket: GatewaySocket): void {
  for (const room of [...socket.rooms]) {
    // Under recovery, what is sent to one socket is kept by the room of its own id.
    if (isOurs(room) || room === socket.id) void socket.leave(room);
  }
}

/** Asks the doorkeeper about a socket that came in past the middlewares. */
export async function readmit(socket: GatewaySocket, doorkeeper: Doorkeeper): Promise<void> {
  const decision = doorkeeper(socket);
  socket.use((_event, next) => {
    void decision.then(() => next());
  });
  const refusal = await decision;
  if (refusal !== undefined) dismiss(socket, "token_expired");
}
