import type { HttpFailure } from "./http-client";
import type { Fault } from "./provider-error";

/**
 * What a failure below HTTP means for the work it was about, as long as the upstream has not answered. While the body of a success is
 * read, the work is done and billed: a `reset` is `protocol` then.
 */
export const HTTP_FAULTS: Readonly<Record<HttpFailure, Fault>> = {
  dns: "unavailable",
  refused: "unavailable",
  connect_timeout: "unavailable",
  reset: "unavailable",
  tls: "misconfigured",
  blocked: "misconfigured",
  write_timeout: "timeout",
  first_byte_timeout: "timeout",
  idle_timeout: "timeout",
  total_timeout: "timeout",
  truncated: "protocol",
  too_large: "protocol",
  protocol: "protocol",
  aborted: "cancelled",
};
