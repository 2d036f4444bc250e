import { HttpError } from "../../ports/http-client";
import { HTTP_FAULTS } from "../../ports/http-fault";
import { ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "./fault-messages";

/**
 * Whatever was caught around a call, as the one error that a provider rejects with.
 *
 * @param answered the upstream had answered with a success.
 */
export function providerError(error: unknown, signal: AbortSignal, answered: boolean): ProviderError {
  const started = answered ? "yes" : HttpError.is(error) ? error.started : "maybe";
  if (signal.aborted) return new ProviderError("cancelled", FAULT_MESSAGES.cancelled, { started });
  if (ProviderError.is(error)) return error;
  if (!HttpError.is(error))
    return new ProviderError("internal", FAULT_MESSAGES.internal, { started, cause: error });
  // While the body of a success is read the work is done, and billed: nothing that breaks then may be sent again.
  const fault = answered && error.failure === "reset" ? "protocol" : HTTP_FAULTS[error.failure];
  return new ProviderError(fault, error.message, { started, cause: error });
}
