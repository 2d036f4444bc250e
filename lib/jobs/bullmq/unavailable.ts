import { GatewayError } from "../../ports";

const RETRY_AFTER_SECONDS = 5;

/**
 * What a caller is told when Redis does not answer.
 *
 * @param retry `false`: the command may have been carried out all the same
 */
export const queueUnavailable = (cause?: unknown, retry = true): GatewayError =>
  new GatewayError("queue_unavailable", "Jobs cannot be kept right now. Try again later.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    retry,
    cause: bare(cause),
  });

export const isUnavailable = (error: unknown): boolean =>
  GatewayError.is(error) && error.code === "queue_unavailable";

/** An error of the client holds the whole command, and so the prompt. */
const bare = (cause: unknown): Error | undefined =>
  cause instanceof Error ? new Error(cause.message) : undefined;
