import { HttpError, type HttpFailure } from "../ports/http-client";

const MESSAGES: Readonly<Record<HttpFailure, string>> = {
  dns: "the name of the upstream could not be resolved",
  refused: "no connection to the upstream",
  tls: "no trusted TLS connection to the upstream",
  connect_timeout: "the upstream did not accept a connection in time",
  write_timeout: "the upstream did not take the request in time",
  first_byte_timeout: "the upstream did not begin to answer in time",
  idle_timeout: "the upstream fell silent in the middle of its answer",
  total_timeout: "the exchange with the upstream took too long",
  reset: "the upstream broke the connection",
  truncated: "the upstream's answer ended early",
  too_large: "the upstream's answer is larger than allowed",
  blocked: "the address is not one that may be fetched",
  protocol: "the exchange does not follow HTTP",
  aborted: "the request was aborted",
};

/** The error for a failure, in words that name nothing of the request. */
export function httpError(failure: HttpFailure, started: "no" | "maybe", message?: string): HttpError {
  return new HttpError(failure, started, message ?? MESSAGES[failure]);
}

/** A member of an error of Node's or of a library's; empty when it has none. */
export function textOf(error: unknown, member: "code" | "syscall"): string {
  if (typeof error !== "object" || error === null || !(member in error)) return "";
  const value: unknown = Reflect.get(error, member);
  return typeof value === "string" ? value : "";
}

const CUT = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

/** What kept a connection from being made, by the error code of Node's dns, net or tls. */
export function connectFailure(error: unknown, inHandshake: boolean): HttpFailure {
  const code = textOf(error, "code");
  if (textOf(error, "syscall") === "getaddrinfo" || code === "ENOTFOUND" || code.startsWith("EAI_"))
    return "dns";
  if (code === "ETIMEDOUT") return "connect_timeout";
  if (!inHandshake) return "refused";
  return CUT.has(code) ? "reset" : "tls";
}

/** What ended an exchange between the connection and the end of the headers. */
export function headFailure(error: unknown): HttpFailure {
  const code = textOf(error, "code");
  if (code === "ETIMEDOUT" || CUT.has(code)) return "reset";
  return "protocol";
}

/**
 * What ended a body early. Node reports every early end as an aborted message; only the error of the socket, which comes
 * first, tells a reset or a broken frame from a connection that was closed too soon.
 */
export function bodyFailure(socketError: unknown): HttpFailure {
  if (socketError === undefined) return "truncated";
  return textOf(socketError, "syscall") === "read" ? "reset" : headFailure(socketError);
}
