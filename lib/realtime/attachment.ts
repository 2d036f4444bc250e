import { knownCaller } from "../core/callers/caller";
import { describeError } from "../core/describe-error";
import type { JobQueue, JobRecord, Principal } from "../ports";
import { closed } from "../ports/common-errors";
import type { AdmissionDeps } from "./admission";
import { createAdmission } from "./admission";
import { broadcastPreview, broadcastProgress, seesPreviews } from "./broadcast";
import type { ConversationDeps } from "./conversation";
import { converse } from "./conversation";
import { dismiss } from "./dismissal";
import { guardAgainstFlood } from "./flood-guard";
import { guarded } from "./guarded";
import { occupyNamespace } from "./namespace-slot";
import { createPreviewOutbox } from "./preview-outbox";
import { leaveOurRooms, readmit } from "./recovery";
import { toErrorBody } from "./refusal";
import { principalRooms } from "./rooms";
import type { GatewayNamespace, GatewaySocket, Session } from "./session";

export interface AttachmentDeps<P extends Principal> extends AdmissionDeps<P>, ConversationDeps<P> {
  readonly queue: Pick<JobQueue, "watch">;
}

/** One namespace of one Socket.IO server with our progress on it. */
export interface Attachment {
  disconnectPrincipal(id: string): void;
  close(): void;
}

/** @throws Error when the namespace has another router's progress on it */
export function attachTo<P extends Principal>(
  namespace: GatewayNamespace,
  deps: AttachmentDeps<P>,
): Attachment {
  const { log } = deps;
  /** By socket id, from admission until the socket is gone. */
  const sessions = new Map<string, Session<P>>();
  let isClosed = false;

  const admission = createAdmission<P>({
    ...deps,
    refusal: () => (isClosed ? closed() : deps.refusal()),
  });
  const admit = async (socket: GatewaySocket) => {
    try {
      remember(sessions, await admission(socket));
      return undefined;
    } catch (error) {
      const body = toErrorBody(error, log);
      log.debug({ socket: socket.id, code: body.code }, "a socket was refused");
      return body;
    }
  };

  const serve = async (socket: GatewaySocket) => {
    if (sessions.get(socket.id)?.socket !== socket) await readmit(socket, admit);
    const session = sessions.get(socket.id);
    if (session !== undefined) await converse(session, deps);
  };
  const onConnection = guarded(log, (socket: GatewaySocket) => {
    socket.on("error", (error: unknown) => log.debug(describeError(error), "a socket reported an error"));
    socket.on("disconnecting", () => leaveOurRooms(socket));
    guardAgainstFlood(socket, deps.rate);
    serve(socket).catch((error: unknown) =>
      log.error(describeError(error), "a socket's first events failed"),
    );
  });

  const vacate = occupyNamespace(namespace, admit);
  namespace.on("connection", onConnection);
  const outbox = createPreviewOutbox(
    guarded(log, (preview) => broadcastPreview(namespace, sessions, preview, deps.previews.isShared)),
  );
  const progress = guarded(log, (job: JobRecord) => {
    outbox.flush(job.id);
    broadcastProgress(namespace, sessions, job);
  });
  // Socket.IO's adapter carries our events to other machines, so each is sent once: where it happened.
  const unwatch = deps.queue.watch(progress);
  const unlisten = deps.previews.listen({
    wants: (job) => seesPreviews(namespace, job),
    show: outbox.add,
  });

  return {
    disconnectPrincipal(id) {
      const { owner } = knownCaller({ id });
      for (const { caller, socket } of [...sessions.values()]) {
        if (caller.owner === owner) dismiss(socket, "token_expired");
      }
      // And those on other machines.
      const room = principalRooms(owner).progress;
      namespace.to(room).emit("closing", { reason: "token_expired" });
      namespace.in(room).disconnectSockets(false);
    },
    close() {
      isClosed = true;
      vacate();
      namespace.off("connection", onConnection);
      unwatch();
      unlisten();
      outbox.discard();
      for (const { socket } of [...sessions.values()]) dismiss(socket, "shutdown");
    },
  };
}

function remember<P extends Principal>(sessions: Map<string, Session<P>>, session: Session<P>): void {
  const { id } = session.socket;
  if (session.signal.aborted) return;
  sessions.set(id, session);
  const forget = () => {
    // A recovered socket bears the id of the one before it.
    if (sessions.get(id) === session) sessions.delete(id);
  };
  session.signal.addEventListener("abort", forget, { once: true });
}
