import { DeadlineError } from "../../internal/deadline";
import { HttpError, type HttpFailure } from "../../ports/http-client";
import { HTTP_FAULTS } from "../../ports/http-fault";
import { type Fault, ProviderError } from "../../ports/provider-error";

/** Its answers can be asked for again: one that was cut says as little as none. */
const FAULTS: Readonly<Record<HttpFailure, Fault>> = {
  ...HTTP_FAULTS,
  truncated: "unavailable",
  aborted: "unavailable",
};

/** How far the work had come: `no` = the graph was not taken by any server. */
export type Started = "no" | "maybe" | "yes";

/** Whatever was caught, as the one error that a provider rejects with. */
export function providerError(error: unknown, signal: AbortSignal, started: Started): ProviderError {
  if (signal.aborted)
    return new ProviderError("cancelled", "The request was cancelled.", { started, cause: error });
  if (ProviderError.is(error)) return error;
  if (HttpError.is(error))
    return new ProviderError(FAULTS[error.failure], error.message, { started, cause: error });
  if (error instanceof DeadlineError) {
    return new ProviderError("timeout", "The server did not answer in time.", { started, cause: error });
  }
  return new ProviderError("internal", "Something went wrong in the exchange with the server.", {
    started,
    cause: error,
  });
}

/** The server said something that no version is known to say, or what stands before it wants other credentials. */
export const unexpected = (status: number, what: string, started: Started): ProviderError =>
  status === 401 || status === 403
    ? new ProviderError("auth", "The server refused the gateway.", { started, status })
    : new ProviderError("protocol", `The server's answer about ${what} is not understood.`, {
        started,
        status,
      });

/** The exchange may have reached the server: whether the graph was taken has to be looked up. */
export const isInDoubt = (error: unknown): boolean =>
  error instanceof DeadlineError || (HttpError.is(error) && error.started !== "no");

/** Nothing that passes when it is tried again. */
const LASTING: ReadonlySet<HttpFailure> = new Set(["too_large", "tls", "blocked"]);

/** The same server may answer a moment later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof DeadlineError || (HttpError.is(error) && !LASTING.has(error.failure));

/** The server could not be reached at all; another one may be. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof DeadlineError || HttpError.is(error);
