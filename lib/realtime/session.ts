import type { Namespace, Socket } from "socket.io";

import type { Caller } from "../core/callers/caller";
import type { Principal } from "../ports";
import type { ClientToServerEvents, ServerToClientEvents } from "./events";
import type { SeqMemory } from "./seq-memory";

export type GatewayNamespace = Namespace<ClientToServerEvents, ServerToClientEvents>;
export type GatewaySocket = Socket<ClientToServerEvents, ServerToClientEvents>;

/** One admitted socket. */
export interface Session<P extends Principal> {
  readonly socket: GatewaySocket;
  readonly caller: Caller<P>;
  /** `auth.previews`: are pictures shown where a subscription says nothing of them? */
  readonly previews: boolean;
  /** Aborts when the socket is gone. */
  readonly signal: AbortSignal;
  readonly seqs: SeqMemory;
}
