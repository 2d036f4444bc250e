import { HttpError, type HttpFailure } from "../../ports/http-client";
import { type Fault, ProviderError } from "../../ports/provider-error";
import { FAULT_MESSAGES } from "./fault-messages";

const FAULTS: Readonly<Record<HttpFailure, Fault>> = {
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

/** While the body of a success is read the work is done, and billed: nothing that breaks then may be sent again. */
const ONCE_ANSWERED: Readonly<Partial<Record<HttpFailure, Fault>>> = { reset: "protocol" };

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
  const fault = (answered ? ONCE_ANSWERED[error.failure] : undefined) ?? FAULTS[error.failure];
  return new ProviderError(fault, error.message, { started, cause: error });
}
