import type { IncomingHttpHeaders } from "node:http";

import { httpError } from "./failure";

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const VALUE = /^[\x20-\x7e]{0,8192}$/;

/** What we send with every request; an adapter cannot override it. */
const OURS = { "accept-encoding": "identity" };

/**
 * Checks what an adapter wants to send, and adds ours.
 *
 * @throws HttpError `protocol` for a name or value that could break out of its line.
 */
export function outgoing(given: Readonly<Record<string, string>> = {}): Record<string, string> {
  const headers: Record<string, string> = { "user-agent": "express-image-gateway" };
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (value === undefined) continue;
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw httpError("protocol", "no", "a request header has a name or value that cannot be sent");
    }
    headers[name.toLowerCase()] = value;
  }
  return Object.assign(headers, OURS);
}

/** Flattens what Node parsed: lower-case names, repeated ones joined. No prototype, so that no name is special. */
export function incoming(parsed: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(parsed)) {
    const value = parsed[name];
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

const every = (list: string | undefined, allowed: string): boolean =>
  list === undefined ||
  list.split(",").every((coding) => ["", allowed].includes(coding.trim().toLowerCase()));

/** Did the upstream heed `Accept-Encoding: identity`? Compressed bodies are refused: a small one can inflate without end. */
export function isPlain(headers: Readonly<Record<string, string>>): boolean {
  return every(headers["content-encoding"], "identity") && every(headers["transfer-encoding"], "chunked");
}
