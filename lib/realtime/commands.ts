import type { Access } from "../core/callers/access";
import type { OwnedJobs } from "../core/callers/owned-jobs";
import type { JobRecord, Principal } from "../ports";
import { GatewayError, isTerminal } from "../ports";
import type { ClientToServerEvents } from "./events";
import { parseId, parsePreviews, parseReference } from "./job-reference";
import { clientRequestRooms, jobRooms } from "./rooms";
import type { Session } from "./session";
import { createSubscriptions } from "./subscriptions";

/** Anybody who knows an anonymous caller's client request id hears its jobs: it must be hard to guess. */
const MIN_ANONYMOUS_CLIENT_REQUEST_ID = 32;

export interface Reply {
  /** For the acknowledgement. */
  readonly job: JobRecord | undefined;
  /** What the socket is to be shown afterwards, where it has seen nothing newer. */
  readonly snapshots: readonly JobRecord[];
}

export type Command = (payload: unknown) => Promise<Reply>;

export interface CommandDeps<P extends Principal> {
  readonly access: Access<P>;
  readonly jobs: OwnedJobs<P>;
  /** Subscriptions and mutes of one socket. */
  readonly subscriptionsPerSocket: number;
  /** Told when the socket is to be shown pictures. */
  onPreviews(): void;
}

/**
 * What a client can ask of its socket. Rooms are joined before the job is read, so that no change falls between the two; a job
 * that has ended meanwhile leaves nothing behind.
 *
 * The commands reject with what the caller is to be told.
 */
export function createCommands<P extends Principal>(
  session: Session<P>,
  { access, jobs, subscriptionsPerSocket, onPreviews }: CommandDeps<P>,
): Record<keyof ClientToServerEvents, Command> {
  const { caller, signal } = session;
  const { owner } = caller;
  const subscriptions = createSubscriptions(session.socket, subscriptionsPerSocket);

  const subscribeToJob = async (id: string, previews: boolean): Promise<Reply> => {
    const known = await jobs.find(caller, id);
    if (known === undefined) return reply();
    if (isTerminal(known)) return reply(known);
    const rooms = jobRooms(owner, id);
    await subscriptions.hear(rooms, previews);
    if (known.clientRequestId !== undefined) {
      await subscriptions.unmute(clientRequestRooms(owner, known.clientRequestId), previews);
    }
    const job = await jobs.find(caller, id);
    if (job === undefined || isTerminal(job)) await subscriptions.forget(rooms);
    return reply(job);
  };

  const subscribeToRequest = async (clientRequestId: string, previews: boolean): Promise<Reply> => {
    if (caller.anonymous && clientRequestId.length < MIN_ANONYMOUS_CLIENT_REQUEST_ID) {
      throw new GatewayError(
        "invalid_value",
        `Without an account, 'client_request_id' must be random and at least ${MIN_ANONYMOUS_CLIENT_REQUEST_ID} characters long.`,
        { param: "client_request_id" },
      );
    }
    await subscriptions.hear(clientRequestRooms(owner, clientRequestId), previews);
    const found = await jobs.byClientRequestId(caller, clientRequestId);
    for (const job of found) {
      if (!isTerminal(job)) await subscriptions.unmute(jobRooms(owner, job.id), previews);
    }
    const shown = found.filter((job, place) => place === 0 || !isTerminal(job));
    return { job: found[0], snapshots: shown.reverse() };
  };

  const muteJob = async (id: string): Promise<Reply> => {
    const known = await jobs.find(caller, id);
    if (known === undefined || isTerminal(known)) return reply(known, []);
    const rooms = jobRooms(owner, id);
    await subscriptions.mute(rooms);
    const job = await jobs.find(caller, id);
    if (job === undefined || isTerminal(job)) await subscriptions.forget(rooms);
    return reply(job, []);
  };

  const muteRequest = async (clientRequestId: string): Promise<Reply> => {
    const rooms = clientRequestRooms(owner, clientRequestId);
    const found = await jobs.byClientRequestId(caller, clientRequestId);
    const live = found.filter((job) => !isTerminal(job));
    // An anonymous socket hears nothing that it has not subscribed to, and a job that has ended says nothing more.
    if (caller.anonymous || (found.length > 0 && live.length === 0)) await subscriptions.forget(rooms);
    else await subscriptions.mute(rooms);
    // Each by itself too: the first of them to end lifts the mute of the id they share.
    for (const { id } of live) await muteJob(id);
    return reply(found[0], []);
  };

  return {
    async subscribe(payload) {
      const reference = parseReference(payload);
      const previews = parsePreviews(payload) ?? session.previews;
      await access.require(caller, { signal });
      if (previews) onPreviews();
      return reference.by === "id"
        ? subscribeToJob(reference.id, previews)
        : subscribeToRequest(reference.clientRequestId, previews);
    },
    async unsubscribe(payload) {
      const reference = parseReference(payload);
      return reference.by === "id" ? muteJob(reference.id) : muteRequest(reference.clientRequestId);
    },
    async cancel(payload) {
      const id = parseId(payload);
      await access.require(caller, { signal });
      return reply(await jobs.cancel(caller, id), []);
    },
  };
}

const reply = (job?: JobRecord, snapshots: readonly JobRecord[] = job === undefined ? [] : [job]): Reply => ({
  job,
  snapshots,
});
