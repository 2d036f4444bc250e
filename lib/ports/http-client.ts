import { brand, brandOf, isBranded } from "./brand";
import type { StopSignal } from "./stop-signal";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Absolute, `http:` or `https:`, without user info. */
  readonly url: string;
  /** Built by the adapter; values are printable ASCII. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
  readonly signal: StopSignal;
  /** Bytes of the answer's body beyond which it is cut off. */
  readonly maxBytes: number;
  /** Request or answer may be megabytes of pictures: it goes the way that is measured to be fastest for those. Default `false`. */
  readonly bulk?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Read it to its end or leave the loop: both free the connection. Rejects with {@link HttpError}. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The one way out to an upstream over HTTP. Ours, so that no library's types leak into adapters.
 *
 * 1. Resolves when the headers are there, whatever the status; redirects are answers, never followed.
 * 2. Rejects with {@link HttpError} only.
 * 3. No ambient proxy, no cookies, no transforms; `Accept-Encoding: identity`.
 * 4. `maxBytes` counts what arrives; a longer body rejects with `too_large` while it is read.
 * 5. The time limits of its owner hold (connect, first byte, idle, total); idle runs only while somebody reads.
 * 6. `signal` ends it at any point with `aborted`.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** A request made in a context: its `signal` is by default that of the context. */
export type ContextHttpRequest = Omit<HttpRequest, "signal"> & Partial<Pick<HttpRequest, "signal">>;

/** The client that is a member of a context. */
export interface ContextHttpClient {
  // A property: its type is not that of a client which needs a signal.
  readonly request: (request: ContextHttpRequest) => Promise<HttpResponse>;
}

export type HttpFailure =
  | "dns"
  | "refused"
  | "tls"
  | "connect_timeout"
  | "write_timeout"
  | "first_byte_timeout"
  | "idle_timeout"
  | "total_timeout"
  | "reset"
  | "truncated"
  | "too_large"
  | "blocked"
  | "protocol"
  | "aborted";

const BRAND = brandOf("HttpError");

/** How a request failed below HTTP. Rebuilt from what the library threw: carries no header, no URL, no body. */
export class HttpError extends Error {
  readonly failure: HttpFailure;
  /** `no`: nothing of the request was handed to a connected socket, so the upstream cannot have begun. */
  readonly started: "no" | "maybe";

  constructor(failure: HttpFailure, started: "no" | "maybe", message: string) {
    super(message);
    this.name = "HttpError";
    this.failure = failure;
    this.started = started;
    brand(this, BRAND);
  }

  /** Holds across two installed copies of the package, where `instanceof` does not. */
  static is(error: unknown): error is HttpError {
    return isBranded(error, BRAND);
  }
}
