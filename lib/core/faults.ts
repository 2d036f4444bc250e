import type { ErrorCode, Fault, ProviderError } from "../ports";
import { GatewayError } from "../ports";

const MAX_RETRY_AFTER_SECONDS = 60;
const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** After one of these the other calls of the same job would fare the same. */
const FATAL: ReadonlySet<Fault> = new Set<Fault>([
  "invalid_request",
  "unsupported_param",
  "content_policy",
  "auth",
  "quota",
  "cancelled",
  "not_found",
  "misconfigured",
]);

export const isFatal = (error: ProviderError): boolean => FATAL.has(error.fault) && !isOfPicture(error);

/** A picture that was refused when it was made says nothing of the next one. */
const isOfPicture = ({ fault, info: { moderation, started } }: ProviderError): boolean =>
  fault === "content_policy" && (moderation?.stage === "output" || started === "yes");

/** What a caller is told of a provider's failure, and whether sending the request again could be paid twice. */
export function toGatewayError(error: ProviderError): GatewayError {
  const { started, param, upstreamSaysRetry } = error.info;
  // Without proof that nothing was begun a repeat could be paid twice, whatever the fault is called.
  const isSafe = started === "no" && upstreamSaysRetry !== false;
  const busy = (code: ErrorCode, retry: boolean) =>
    new GatewayError(code, error.message, {
      retry,
      retryAfterSeconds: retry ? retryAfterSeconds(error) : undefined,
      cause: error,
    });

  switch (error.fault) {
    case "invalid_request":
      return new GatewayError("invalid_request", error.message, { param, cause: error });
    case "unsupported_param":
      return new GatewayError("unsupported_parameter", error.message, { param, cause: error });
    case "content_policy":
      return new GatewayError("content_policy_violation", error.message, { param, cause: error });
    case "auth":
      return new GatewayError("upstream_auth_error", "The provider refused the gateway's own credentials.", {
        cause: error,
      });
    case "quota":
      return busy("provider_unavailable", false);
    case "rate_limit":
      return busy("rate_limit_exceeded", isSafe);
    case "overloaded":
      return busy("provider_unavailable", isSafe);
    case "unavailable":
      if (started === "no") return busy("provider_unavailable", isSafe);
      return new GatewayError("upstream_error", error.message, { cause: error });
    case "timeout":
      if (started === "no") return busy("provider_unavailable", isSafe);
      return new GatewayError("upstream_timeout", error.message, { cause: error });
    case "cancelled":
      return new GatewayError("job_cancelled", "The job was cancelled.", { cause: error });
    case "not_found":
    case "misconfigured":
      return new GatewayError("provider_misconfigured", "The provider is not set up for this request.", {
        cause: error,
      });
    case "protocol":
      return new GatewayError("upstream_invalid_response", error.message, { cause: error });
    default:
      // An adapter without types may say anything; what is not known may have been billed.
      return new GatewayError("upstream_error", error.message, { cause: error });
  }
}

/** An upstream's number may be anything; callers are never sent away for long. */
function retryAfterSeconds({ info: { retryAfterMs = Number.NaN } }: ProviderError): number {
  if (!(retryAfterMs >= 0)) return DEFAULT_RETRY_AFTER_SECONDS;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.ceil(retryAfterMs / 1000));
}
