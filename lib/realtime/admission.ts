import type { Access } from "../core/callers/access";
import { defined } from "../internal/defined";
import type { Principal } from "../ports";
import { GatewayError } from "../ports";
import { handshakeToken, wantsPreviews } from "./handshake-token";
import { lifetimeOf } from "./lifetime";
import { createSeqMemory } from "./seq-memory";
import type { GatewaySocket, Session } from "./session";
import type { Slots } from "./slots";
import { createSlots } from "./slots";

/** A client may ask again before it was answered, but each question costs the host's hooks. */
const MAX_PENDING_PER_CONNECTION = 8;

export interface AdmissionDeps<P extends Principal> {
  readonly access: Access<P>;
  /** Why nobody can be let in at present. */
  refusal(): GatewayError | undefined;
  /** Places by the key that a caller's limits count by. */
  readonly slots: Slots;
}

/**
 * Decides about sockets: who is calling, whether they may, whether they hold too many already.
 * Rejects with what the client is to be told. A session's place is free again once its signal has aborted.
 */
export function createAdmission<P extends Principal>({ access, refusal, slots }: AdmissionDeps<P>) {
  const pending = createSlots(MAX_PENDING_PER_CONNECTION);
  const refuseUnlessReady = () => {
    const refused = refusal();
    if (refused !== undefined) throw refused;
  };

  return async (socket: GatewaySocket): Promise<Session<P>> => {
    const answered = takePlace(
      pending,
      socket.conn,
      "Too many connection attempts are pending. Wait for an answer first.",
    );
    const lifetime = lifetimeOf(socket);
    const { signal } = lifetime;
    try {
      refuseUnlessReady();
      const { handshake, request } = socket;
      const token = handshakeToken(handshake);
      const caller = await access.identify(
        defined({ token, transport: "socket", signal, request }),
        () => handshake.address,
      );
      await access.require(caller, { signal });
      // Again, for it may have been closed while the hooks were asked.
      refuseUnlessReady();
      const leave = takePlace(
        slots,
        caller.limitKey,
        "These credentials hold too many sockets already. Close some first.",
      );
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
      return { socket, caller, previews: wantsPreviews(handshake), signal, seqs: createSeqMemory() };
    } catch (error) {
      lifetime.end();
      throw error;
    } finally {
      answered();
    }
  };
}

function takePlace(slots: Slots, key: unknown, message: string): () => void {
  const leave = slots.take(key);
  if (leave === undefined) throw new GatewayError("too_many_connections", message);
  return leave;
}
