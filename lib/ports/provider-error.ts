import { brand, brandOf, isBranded } from "./brand";

/** What went wrong upstream, in the words that decide what happens next. */
export type Fault =
  | "invalid_request"
  | "unsupported_param"
  | "content_policy"
  | "auth"
  | "quota"
  | "rate_limit"
  | "overloaded"
  | "unavailable"
  | "timeout"
  | "cancelled"
  | "not_found"
  | "misconfigured"
  | "protocol"
  | "internal";

export interface ProviderErrorInfo {
  /** HTTP status of the upstream. */
  readonly status?: number;
  readonly upstreamCode?: string;
  /** The request field at fault, in **our** words (`size`, `prompt`). */
  readonly param?: string;
  readonly retryAfterMs?: number;
  /** Could the upstream have begun, or billed, the work? `no` = safe to send again anywhere. */
  readonly started: "no" | "maybe" | "yes";
  /** What the upstream itself says of a retry (`X-Fal-Retryable`, `x-should-retry`). */
  readonly upstreamSaysRetry?: boolean;
  readonly moderation?: { readonly stage?: "input" | "output"; readonly categories?: readonly string[] };
  readonly upstreamId?: string;
  /** For the log only. */
  readonly cause?: unknown;
}

const BRAND = brandOf("ProviderError");

/**
 * The only thing a provider rejects with. `message` is safe to show to a caller: no key, no address, no path;
 * everything else belongs into `info.cause`, which goes to the log only.
 */
export class ProviderError extends Error {
  readonly fault: Fault;
  readonly info: ProviderErrorInfo;

  constructor(fault: Fault, message: string, info: ProviderErrorInfo) {
    super(message);
    this.name = "ProviderError";
    this.fault = fault;
    this.info = info;
    // Loggers and serializers walk own enumerable members: the cause may hold an upstream's raw answer.
    Object.defineProperty(this, "info", { enumerable: false });
    brand(this, BRAND);
  }

  /** Holds across two installed copies of the package, where `instanceof` does not. */
  static is(error: unknown): error is ProviderError {
    return isBranded(error, BRAND);
  }
}
