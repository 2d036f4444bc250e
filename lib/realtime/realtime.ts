import type { Server } from "socket.io";
import type { Principal } from "../ports";
import type { Attachment, AttachmentDeps } from "./attachment";
import { attachTo } from "./attachment";
import type { EventRate } from "./event-budget";
import { createSlots } from "./slots";

/** What one client may ask of the namespace. */
export interface RealtimeLimits extends EventRate {
  /** Subscriptions and mutes of one socket. */
  readonly subscriptionsPerSocket: number;
  /** Sockets of one principal, or of one address where callers are anonymous, in this process. */
  readonly socketsPerPrincipal: number;
}

export interface RealtimeDeps<P extends Principal>
  extends Omit<AttachmentDeps<P>, "slots" | "rate" | "subscriptionsPerSocket"> {
  /** Where Socket.IO clients connect, such as `/image-progress`. */
  readonly namespace: string;
  readonly limits: RealtimeLimits;
}

/** Progress and previews over Socket.IO. */
export interface Realtime {
  /**
   * Serves the namespace of a host's server. The host's other namespaces, listeners and middlewares are left alone.
   *
   * @throws Error when another router serves that namespace, or this one is closed
   */
  attach(io: Server): void;
  /** Lets all sockets of a principal go, on every machine that shares the adapter, as after `token_expired`. */
  disconnectPrincipal(id: string): void;
  /**
   * Lets our sockets go with `shutdown` and takes our listeners away. One middleware stays in the namespace, because Socket.IO
   * has no way to remove it: it refuses with `closed` until another router is attached there. Idempotent.
   */
  close(): void;
}

export function createRealtime<P extends Principal>(deps: RealtimeDeps<P>): Realtime {
  const { namespace, limits } = deps;
  const slots = createSlots(limits.socketsPerPrincipal);
  const attachments = new Set<Attachment>();
  let closed = false;
  return {
    attach(io) {
      if (closed) throw new Error("This image router is closed. Create a new one to attach.");
      attachments.add(
        attachTo(io.of(namespace), {
          ...deps,
          slots,
          rate: limits,
          subscriptionsPerSocket: limits.subscriptionsPerSocket,
        }),
      );
    },
    disconnectPrincipal(id) {
      for (const attachment of attachments) attachment.disconnectPrincipal(id);
    },
    close() {
      closed = true;
      for (const attachment of attachments) attachment.close();
      attachments.clear();
    },
  };
}
