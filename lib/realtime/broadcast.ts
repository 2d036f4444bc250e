import { EventEmitter } from "node:events";
import { asBuffer } from "../internal/as-buffer";
import type { JobPreview, JobRecord, Principal } from "../ports";
import { isTerminal } from "../ports";
import { toImageJob } from "../wire/job";
import { type Audience, localMembers, previewAudience, progressAudience, roomsThatEndWith } from "./rooms";
import type { GatewayNamespace, Session } from "./session";

/** Sends a change of a job to all who hear it, on every machine. */
export function broadcastProgress<P extends Principal>(
  namespace: GatewayNamespace,
  sessions: ReadonlyMap<string, Session<P>>,
  job: JobRecord,
): void {
  if (isNobodyThere(namespace)) return;
  const audience = progressAudience(job);
  namespace
    .to(audience.to)
    .except([...audience.except, ...ahead(namespace, sessions, audience, job)])
    .emit("progress", { ...toImageJob(job), seq: job.seq });
  if (!isTerminal(job)) return;
  const ended = roomsThatEndWith(job);
  namespace.in(ended).socketsLeave(ended);
}

/**
 * Sends a picture, volatile: a slow reader misses it instead of gathering it in memory.
 *
 * @param isHere to the sockets of this process only: the others have it from elsewhere
 */
export function broadcastPreview<P extends Principal>(
  namespace: GatewayNamespace,
  sessions: ReadonlyMap<string, Session<P>>,
  preview: JobPreview,
  isHere: boolean,
): void {
  const { job, seq, imageIndex, contentType, bytes } = preview;
  const audience = previewAudience(job);
  const from = isHere ? namespace.local.to(audience.to) : namespace.to(audience.to);
  from
    .except([...audience.except, ...ahead(namespace, sessions, audience, { id: job.id, seq: seq + 1 })])
    .volatile.emit(
      "preview",
      { id: job.id, seq, image_index: imageIndex, content_type: contentType },
      // Adapters that serialise know Buffers better than other views.
      asBuffer(bytes),
    );
}

/** Does any socket of this process see previews of the job? */
export function seesPreviews(namespace: GatewayNamespace, job: JobPreview["job"]): boolean {
  if (namespace.adapter.rooms.size === 0) return false;
  const first = localMembers(namespace.adapter.rooms, previewAudience(job)).next();
  return first.done !== true;
}

/** Sockets here that know more already: what travels between machines may come out of order. */
function ahead<P extends Principal>(
  namespace: GatewayNamespace,
  sessions: ReadonlyMap<string, Session<P>>,
  audience: Audience,
  { id, seq }: Pick<JobRecord, "id" | "seq">,
): string[] {
  return [...localMembers(namespace.adapter.rooms, audience)].filter(
    (socket) => sessions.get(socket)?.seqs.isNews(id, seq) === false,
  );
}

/**
 * No socket is in the namespace, and nothing carries events to other machines or keeps them for sockets that come back: an adapter that
 * does extends the one that Socket.IO brings along.
 */
function isNobodyThere({ sockets, adapter }: GatewayNamespace): boolean {
  if (sockets.size > 0) return false;
  return Object.getPrototypeOf(Object.getPrototypeOf(adapter)) === EventEmitter.prototype;
}
