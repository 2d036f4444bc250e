import { GatewayError } from "./errors";
import type { JobError } from "./job";

/** The part of an error that is kept with a job. Within the package only, like the way back: `index.ts` does not show them. */
export function toJobError({ retryAfterSeconds, retry, body }: GatewayError): JobError {
  const error: JobError = { ...body, retry };
  return retryAfterSeconds === undefined ? error : { ...error, retryAfterSeconds };
}

/** The way back, for whoever waits for the job. */
export const fromJobError = (error: JobError): GatewayError =>
  new GatewayError(error.code, error.message, {
    param: error.param ?? undefined,
    retry: error.retry,
    retryAfterSeconds: error.retryAfterSeconds,
  });
