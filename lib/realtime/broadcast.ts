import type { JobPreview } from "../core/progress/preview-feed";
import type { JobRecord, Principal } from "../ports";
import { isTerminal } from "../ports";
import { toImageJob } from "../wire/job";
import { localMembers, previewAudience, progressAudience, roomsThatEndWith } from "./rooms";
import type { GatewayNamespace, Session } from "./session";

/** Sends a change of a job to all who hear it, on every machine. */
export function broadcastProgress<P extends Principal>(
  namespace: GatewayNamespace,
  sessions: ReadonlyMap<string, Session<P>>,
  job: JobRecord,
): void {
  const audience = progressAudience(job);
  // A queue whose changes travel can show a state in a snapshot before it reports it.
  const ahead = [...localMembers(namespace.adapter.rooms, audience)].filter(
    (id) => sessions.get(id)?.seqs.isNews(job.id, job.seq) === false,
  );
  namespace
    .to(audience.to)
    .except([...audience.except, ...ahead])
    .emit("progress", { ...toImageJob(job), seq: job.seq });
  if (!isTerminal(job)) return;
  const ended = roomsThatEndWith(job);
  namespace.in(ended).socketsLeave(ended);
}

/** Sends a picture, volatile: a slow reader misses it instead of gathering it in memory. */
export function broadcastPreview(namespace: GatewayNamespace, preview: JobPreview): void {
  const { job, seq, imageIndex, contentType, bytes } = preview;
  const { to, except } = previewAudience(job);
  namespace
    .to(to)
    .except(except)
    .volatile.emit(
      "preview",
      { id: job.id, seq, image_index: imageIndex, content_type: contentType },
      // Adapters that serialise know Buffers better than other views.
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
}

/** Does any socket of this process see previews of the job? */
export function seesPreviews(namespace: GatewayNamespace, job: JobPreview["job"]): boolean {
  const first = localMembers(namespace.adapter.rooms, previewAudience(job)).next();
  return first.done !== true;
}
