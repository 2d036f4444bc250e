import type { JobOutcome } from "../ports";
import { GatewayError } from "../ports";
import { toJobError } from "../ports/job-error";

/** Full may be over in a moment. */
const RETRY_AFTER_SECONDS = 5;

export const concurrencyLimit = (): GatewayError =>
  new GatewayError(
    "concurrency_limit",
    "Too many of your jobs are waiting. Try again when some have ended.",
    {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    },
  );

export const queueFull = (): GatewayError =>
  new GatewayError("queue_full", "Too many jobs are waiting. Try again later.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export const queueTimeout = (): GatewayError =>
  new GatewayError("queue_timeout", "The job waited too long for its turn. Try again later.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export const jobCancelled = (): GatewayError => new GatewayError("job_cancelled", "The job was cancelled.");

export const unsettled = (): GatewayError =>
  new GatewayError("internal_error", "The job ended without a result.");

export const failed = (error: GatewayError): JobOutcome => ({ status: "failed", error: toJobError(error) });

export const cancelled = (): JobOutcome => ({ status: "cancelled", error: toJobError(jobCancelled()) });
