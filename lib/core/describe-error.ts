import { mask } from "../internal/mask";
import { GatewayError, HttpError, ProviderError } from "../ports";
import { EXPLAINED_FAULTS } from "../ports/explained-faults";

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
      message: EXPLAINED_FAULTS.has(error.fault) ? undefined : error.message,
      upstreamStatus: status,
      upstreamCode,
      started,
      upstreamId,
      ...causeOf(error.info.cause),
    };
  }
  if (HttpError.is(error)) return { error: error.name, failure: error.failure, started: error.started };
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error ? wordOf(error.code) : undefined;
  return { error: wordOf(error.name) ?? "Error", errorCode: code, at: placeOf(error) };
}

/** What an error says, for an operator who looks at debug lines: keys, addresses and paths masked. */
export const saidBy = (error: unknown, secrets: readonly string[] = []): string =>
  mask(error instanceof Error ? error.message : String(error), secrets);

const causeOf = (cause: unknown): Record<string, unknown> =>
  cause === undefined ? {} : { cause: describeError(cause) };

/** Names and codes are single words; what is more may be a message. */
const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && /^[A-Za-z][\w.]{0,63}$/.test(value) ? value : undefined;

/**
 * The first stack frame, file name and line only: whole paths name machines. The stack begins with the message, which may
 * hold lines that look like frames.
 */
function placeOf({ message, stack = "" }: Error): string | undefined {
  const frames = message === "" ? stack : stack.slice(Math.max(0, stack.indexOf(message)) + message.length);
  return /^\s+at .*?([\w.-]+\.[cm]?[jt]s:\d+):\d+\)?$/m.exec(frames)?.[1];
}
