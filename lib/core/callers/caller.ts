import { digest } from "../../internal/digest";
import type { JobOwner, Principal } from "../../ports";

/** A principal with what the package derives from it once per request or connection. */
export interface Caller<P extends Principal = Principal> extends JobOwner {
  readonly principal: P;
  /** `authenticate: false`: jobs are reached by their unguessable id only. */
  readonly anonymous: boolean;
}

const ANONYMOUS_OWNER = digest("anonymous");

export function knownCaller<P extends Principal>(principal: P): Caller<P> {
  const owner = digest("principal", principal.id);
  return { principal, owner, limitKey: owner, anonymous: false };
}

/** @param address the client's address, by which the limits of anonymous callers count */
export function anonymousCaller<P extends Principal>(principal: P, address: string): Caller<P> {
  return { principal, owner: ANONYMOUS_OWNER, limitKey: digest("address", address), anonymous: true };
}
