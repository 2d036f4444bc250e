import type { IncomingMessage } from "node:http";

import type { MaybePromise } from "./maybe-promise";

/**
 * Who calls, as the host's {@link Authenticate} says. A host adds whatever it needs (account, grants);
 * the package reads only these two members.
 */
export interface Principal {
  /** Stable and unique for the account; jobs, images, limits and rooms are kept apart by it. Not empty, at most 512 characters. */
  readonly id: string;
  /** From then on requests are refused and sockets are let go. Absent: no end known. */
  readonly expiresAt?: Date;
}

/** What an authenticator is shown of one HTTP request or one Socket.IO handshake. */
export interface Credentials {
  /** The bearer token of `Authorization`, or a socket's `auth.token`. Always a non-empty string when present. */
  readonly token?: string;
  readonly transport: "http" | "socket";
  /** Aborts when the caller has gone or the time for authentication (10 s) is over. */
  readonly signal: AbortSignal;
  /** Express' own request on `http` (so `req.user` of earlier middleware is there), the handshake's on `socket`. */
  readonly request: IncomingMessage;
}

/**
 * Tells who calls.
 *
 * 1. Called once per request and once per socket connection, before anything of the body is read; it leaves the body unread and
 *    the headers as they are.
 * 2. Resolves to the principal, or to `null`/`undefined` when the credentials are not good, whatever they are (`__proto__`, 64 KiB
 *    of `x`): the caller gets a 401. Calls at the same time do not mix.
 * 3. May throw, reject or hang (10 s): the caller then gets a 503 `auth_unavailable`, never access. Once `signal` has aborted
 *    nobody waits: end soon, however.
 * 4. The same credentials give the same `id` on both transports, else progress does not find its owner; different principals have
 *    different ones.
 */
export type Authenticate<P extends Principal = Principal> = (
  from: Credentials,
) => MaybePromise<P | null | undefined>;
