import { digest } from "../../internal/digest";
import type { ImageRequest, JobOwner } from "../../ports";

/** What tells a repeat of a request from another one: the same for what asks for the same, in every process. */
export function fingerprintOf({ owner }: JobOwner, { inputs, ...asked }: ImageRequest): string {
  const given = (inputs?.images ?? []).map((image) => image.digest);
  return digest("request", owner, canonical(asked), inputs?.mask?.digest ?? "", ...given);
}

/** The caller's own key for a request, as jobs bear it: it counts for that caller, on one route. */
export const idempotencyDigest = ({ owner, limitKey }: JobOwner, { op }: ImageRequest, key: string): string =>
  digest("idempotency key", owner, limitKey, op, key);

/** JSON in which the order of members does not show. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
