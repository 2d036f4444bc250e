import { GatewayError, HttpError, ProviderError } from "../ports";

/**
 * What of an error may go to a log: names, codes and the place in the code. Messages of foreign errors stay out, because
 * libraries put URLs, keys and request bodies into them.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (GatewayError.is(error)) {
    return { error: error.name, code: error.code, ...causeOf(error.cause) };
  }
  if (ProviderError.is(error)) {
    const { status, upstreamCode, started, upstreamId } = error.info;
    return {
      error: error.name,
      fault: error.fault,
      message: error.message,
      upstreamStatus: status,
      upstreamCode,
      started,
      upstreamId,
      ...causeOf(error.info.cause),
    };
  }
  if (HttpError.is(error)) return { error: error.name, failure: error.failure, started: error.started };
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { error: error.name, errorCode: code, at: placeOf(error) };
}

const causeOf = (cause: unknown): Record<string, unknown> =>
  cause === undefined ? {} : { cause: describeError(cause) };

/** The first stack frame, file name and line only: whole paths name machines. */
function placeOf(error: Error): string | undefined {
  const frame = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return frame?.match(/([^/\\(\s]+:\d+):\d+\)?$/)?.[1];
}
