import type { MaybePromise } from "./maybe-promise";
import type { Principal } from "./principal";
import type { Op } from "./task";

/** What the caller is about to do, as far as it is known when the resolver is asked. */
export interface CapabilityQuestion {
  readonly op?: Op;
  /** The model id as the caller wrote it; absent while the body is unread and on routes without a model. */
  readonly model?: string;
  readonly signal: AbortSignal;
}

/**
 * Tells what a principal may do.
 *
 * 1. Asked on every request (before the body is read, and again with `model` once that is known), on every
 *    socket connection and on every `subscribe` and `cancel`, by many at once: keep it cheap or cache it.
 * 2. Says `true` or `false`. Only `true` allows; anything else denies with 403 `missing_capability`.
 * 3. May throw, reject or hang (10 s): the caller then gets a 503 `auth_unavailable`, never access.
 *    Once `signal` has aborted nobody waits: end soon, however.
 * 4. An unknown capability is denied, not an error, whatever its name (`__proto__`, 64 KiB of `x`); names are compared exactly.
 */
export interface CapabilityResolver<P extends Principal = Principal> {
  has(who: P, capability: string, about: CapabilityQuestion): MaybePromise<boolean>;
}

/** The resolver as a bare function. */
export type CapabilityCheck<P extends Principal = Principal> = CapabilityResolver<P>["has"];
