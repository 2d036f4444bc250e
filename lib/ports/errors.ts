import { brand, brandOf, isBranded } from "./brand";

interface ErrorKind {
  readonly status: number;
  readonly type: string;
  /** What `x-should-retry` says: may the same request be sent again without paying twice? */
  readonly retry: boolean;
}

const invalid = (status: number): ErrorKind => ({ status, type: "invalid_request_error", retry: false });
const busy = (status: number): ErrorKind => ({ status, type: "server_error", retry: true });
const broken = (status: number): ErrorKind => ({ status, type: "server_error", retry: false });

/** Every code an answer of ours can carry. docs/errors.md tells what each means and what to do. */
export const ERROR_KINDS = {
  invalid_json: invalid(400),
  invalid_request: invalid(400),
  missing_required_parameter: invalid(400),
  invalid_type: invalid(400),
  invalid_value: invalid(400),
  invalid_size: invalid(400),
  integer_above_max_value: invalid(400),
  integer_below_min_value: invalid(400),
  string_above_max_length: invalid(400),
  string_below_min_length: invalid(400),
  unknown_parameter: invalid(400),
  unsupported_parameter: invalid(400),
  content_policy_violation: invalid(400),
  invalid_api_key: invalid(401),
  missing_capability: invalid(403),
  invalid_signature: invalid(403),
  model_not_found: invalid(404),
  job_not_found: invalid(404),
  image_not_found: invalid(404),
  method_not_allowed: invalid(405),
  job_cancelled: invalid(410),
  result_expired: invalid(410),
  link_expired: invalid(410),
  request_too_large: invalid(413),
  unsupported_media_type: invalid(415),
  range_not_satisfiable: invalid(416),
  idempotency_key_reused: invalid(422),
  rate_limit_exceeded: { status: 429, type: "rate_limit_error", retry: true },
  concurrency_limit: { status: 429, type: "rate_limit_error", retry: true },
  flood: { status: 429, type: "rate_limit_error", retry: true },
  too_many_subscriptions: { status: 429, type: "rate_limit_error", retry: false },
  too_many_connections: { status: 429, type: "rate_limit_error", retry: false },
  internal_error: broken(500),
  body_already_consumed: broken(500),
  worker_lost: broken(500),
  upstream_error: broken(502),
  upstream_auth_error: broken(502),
  upstream_invalid_response: broken(502),
  provider_misconfigured: broken(502),
  starting: busy(503),
  draining: busy(503),
  closed: broken(503),
  auth_unavailable: busy(503),
  registry_unavailable: busy(503),
  provider_unavailable: busy(503),
  queue_full: busy(503),
  queue_unavailable: busy(503),
  queue_timeout: busy(503),
  storage_unavailable: busy(503),
  upstream_timeout: broken(504),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** The error object of OpenAI's envelope `{ error: … }`. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: ErrorCode;
}

export interface GatewayErrorOptions {
  /** The request field at fault, as the caller wrote it. */
  readonly param?: string | undefined;
  /** Seconds for `Retry-After`; sent rounded up, at most 60. */
  readonly retryAfterSeconds?: number | undefined;
  /** Overrides what the code says of a retry. */
  readonly retry?: boolean | undefined;
  /** For the log only. */
  readonly cause?: unknown;
}

const BRAND = brandOf("GatewayError");

/** An error that the caller is meant to see. Everything else becomes a bland 500 `internal_error`. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly status: number;
  readonly type: string;
  readonly retry: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message);
    const kind: ErrorKind = ERROR_KINDS[code];
    this.name = "GatewayError";
    this.code = code;
    this.param = options.param ?? null;
    this.status = kind.status;
    this.type = kind.type;
    this.retry = options.retry ?? kind.retry;
    this.retryAfterSeconds = options.retryAfterSeconds;
    // Not enumerable: a cause may hold what an upstream sent, and loggers walk own members.
    Object.defineProperty(this, "cause", { value: options.cause, enumerable: false, configurable: true });
    brand(this, BRAND);
  }

  /** The envelope's inner object. */
  get body(): ErrorBody {
    return { message: this.message, type: this.type, param: this.param, code: this.code };
  }

  /** Holds across two installed copies of the package, where `instanceof` does not. */
  static is(error: unknown): error is GatewayError {
    return isBranded(error, BRAND);
  }
}
