import type { Fault } from "./provider-error";

/**
 * Only the upstream can say what is wrong with the request: the message of such an error is its own words, for the caller. They may quote the
 * prompt, and so belong into no log. Within the package only: `index.ts` does not show it.
 */
export const EXPLAINED_FAULTS: ReadonlySet<Fault> = new Set([
  "invalid_request",
  "unsupported_param",
  "content_policy",
]);
