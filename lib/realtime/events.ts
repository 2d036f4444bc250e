import type { ErrorBody } from "../ports";
import type { ImageJob } from "../wire/job";

/**
 * A job in an event.
 *
 * `seq` strictly rises from one `progress` of a job to the next, and the terminal one comes once and last. A snapshot (after
 * connecting or subscribing) carries the `seq` of the newest event it includes. Where several machines share an adapter, two of
 * them may be heard out of order: leave out what is not above the last `seq`.
 */
export type ProgressEvent = ImageJob & { readonly seq: number };

/** An unfinished picture; its bytes are the event's second argument. */
export interface PreviewEvent {
  /** The job's id. */
  readonly id: string;
  /** Drawn from the same numbers as the `seq` of `progress`. */
  readonly seq: number;
  /** Which image of the job, from 0. */
  readonly image_index: number;
  /** Media type of the bytes. */
  readonly content_type: string;
}

/**
 * Why the server is about to let this socket go; the connection and its other namespaces stay. socket.io-client does not
 * reconnect by itself afterwards: call `connect()`, after `token_expired` with a new token.
 */
export interface ClosingEvent {
  readonly reason: "shutdown" | "token_expired" | "flood";
}

/** What every acknowledgement carries; `job: null` = not known yet, unknown or foreign, all alike. */
export type Ack =
  | { readonly ok: true; readonly job: ImageJob | null }
  | { readonly ok: false; readonly error: ErrorBody };

/** A job by its id, or all jobs that were posted with one `X-Client-Request-Id`, also those still to come. */
export type JobReference = { readonly id: string } | { readonly client_request_id: string };

/** What the server sends. With {@link ClientToServerEvents} the type arguments of socket.io's `Server`; of socket.io-client's `Socket` this one comes first. */
export interface ServerToClientEvents {
  progress: (event: ProgressEvent) => void;
  /** Volatile: left out where the connection cannot take it at once. */
  preview: (event: PreviewEvent, bytes: Uint8Array) => void;
  closing: (event: ClosingEvent) => void;
}

/** What a client may send. The last word about a job counts; subscriptions end with the connection. */
export interface ClientToServerEvents {
  /**
   * Hears a job, by its id or before it exists by its client request id; the job's state follows as `progress`.
   * `previews` decides about its pictures; absent: as the socket's `auth.previews`, which is on unless `false`.
   */
  subscribe: (about: JobReference & { readonly previews?: boolean }, ack?: (answer: Ack) => void) => void;
  /** Mutes a job on this socket until the job has ended. */
  unsubscribe: (about: JobReference, ack?: (answer: Ack) => void) => void;
  /** Stops a job; a terminal one is answered unchanged. */
  cancel: (about: { readonly id: string }, ack?: (answer: Ack) => void) => void;
}
