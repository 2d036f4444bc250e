import type { OwnedJobs } from "../core/callers/owned-jobs";
import type { PreviewFeed } from "../core/progress/preview-feed";
import type { Logger, Principal } from "../ports";
import { createCommandLine } from "./command-line";
import type { CommandDeps } from "./commands";
import { createCommands } from "./commands";
import { dismiss } from "./dismissal";
import type { EventRate } from "./event-budget";
import { atTime } from "./expiry";
import { guarded } from "./guarded";
import { principalRooms } from "./rooms";
import type { Session } from "./session";
import { showLiveJobs } from "./snapshots";

export interface ConversationDeps<P extends Principal> extends Omit<CommandDeps<P>, "onPreviews"> {
  readonly rate: EventRate;
  readonly jobs: OwnedJobs<P>;
  readonly previews: PreviewFeed;
  readonly log: Logger;
}

/** Serves one admitted socket until it is gone. */
export async function converse<P extends Principal>(
  session: Session<P>,
  deps: ConversationDeps<P>,
): Promise<void> {
  const { socket, caller } = session;
  const { log } = deps;

  socket.onAnyOutgoing((event: unknown, job: unknown) => {
    if (event === "progress" && isNumbered(job)) session.seqs.sent(job.id, job.seq);
  });
  const onPreviews = lookingAt(session, deps.previews);
  const commands = createCommands(session, { ...deps, onPreviews });
  const listener = createCommandLine(session, log, deps.rate.eventBurst);
  socket.on("subscribe", listener(commands.subscribe));
  socket.on("unsubscribe", listener(commands.unsubscribe));
  socket.on("cancel", listener(commands.cancel));

  const { expiresAt } = caller.principal;
  if (expiresAt !== undefined) {
    const stop = atTime(
      expiresAt,
      guarded(log, () => dismiss(socket, "token_expired")),
    );
    socket.once("disconnect", stop);
  }
  // All anonymous callers are one owner: what they hear must be asked for by name.
  if (caller.anonymous) return;
  if (session.previews) onPreviews();
  const rooms = principalRooms(caller.owner);
  await socket.join(session.previews ? [rooms.progress, rooms.previews] : [rooms.progress]);
  await showLiveJobs(session, deps.jobs);
}

/** Has the previews of jobs that run elsewhere come here, from the first time that the socket wants any until it is gone. */
function lookingAt<P extends Principal>(
  { socket, caller, signal }: Session<P>,
  previews: PreviewFeed,
): () => void {
  let looks = false;
  return () => {
    if (looks || signal.aborted) return;
    looks = true;
    socket.once("disconnect", previews.attend(caller.owner));
  };
}

const isNumbered = (job: unknown): job is { readonly id: string; readonly seq: number } =>
  typeof job === "object" &&
  job !== null &&
  "id" in job &&
  typeof job.id === "string" &&
  "seq" in job &&
  typeof job.seq === "number";
