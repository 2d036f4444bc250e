import type { Fault } from "../../../ports/provider-error";

export interface NetworkFault {
  readonly fault: Fault;
  readonly started: "no" | "maybe";
}

const UNREACHED: NetworkFault = { fault: "unavailable", started: "no" };
const BROKEN: NetworkFault = { fault: "unavailable", started: "maybe" };
const SLOW: NetworkFault = { fault: "timeout", started: "maybe" };

/** Codes of Node's dns and net, and of undici, which is behind Node's own `fetch`. */
const CODES = new Map<string, NetworkFault>([
  ["ECONNREFUSED", UNREACHED],
  ["ENOTFOUND", UNREACHED],
  ["EAI_AGAIN", UNREACHED],
  ["EHOSTUNREACH", UNREACHED],
  ["ENETUNREACH", UNREACHED],
  ["UND_ERR_CONNECT_TIMEOUT", UNREACHED],
  ["ECONNRESET", BROKEN],
  ["EPIPE", BROKEN],
  ["ETIMEDOUT", BROKEN],
  ["UND_ERR_SOCKET", BROKEN],
  ["UND_ERR_HEADERS_TIMEOUT", SLOW],
  ["UND_ERR_BODY_TIMEOUT", SLOW],
]);

const TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

/** What the codes along the causes of an error say of the connection; `undefined` when they are of something else. */
export function networkFault(codes: readonly string[]): NetworkFault | undefined {
  for (const code of codes) {
    const known = CODES.get(code);
    if (known !== undefined) return known;
    if (TLS.test(code)) return { fault: "misconfigured", started: "no" };
  }
  return undefined;
}
