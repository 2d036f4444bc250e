import type { Handover } from "../core/pictures/handover";
import type { JobRecord } from "../ports";
import { GatewayError } from "../ports";

/**
 * What is told of a picture that broke off on its way: what breaks it ends its job, which then says what happened in words that callers may
 * read. The job may go on with other pictures, which nobody takes any more.
 */
export function whyBroken(
  cause: unknown,
  handover: Handover,
  succeeded: () => Promise<JobRecord>,
): Promise<unknown> {
  handover.leave();
  return succeeded().then(
    () => new GatewayError("upstream_error", "One of the pictures broke off.", { cause }),
    (reason: unknown) => reason,
  );
}
