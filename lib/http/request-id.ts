import type { IncomingMessage, ServerResponse } from "node:http";

import { newId } from "../internal/ids";
import { GatewayError } from "../ports";

const HEADER = "x-request-id";

/** Gives the answer its request id, once; an answer that has begun without one gets none. */
export function requestIdOf(res: ServerResponse): string {
  const known = res.getHeader(HEADER);
  if (typeof known === "string" && known.startsWith("req_")) return known;
  const requestId = newId("req_");
  if (!res.headersSent) res.setHeader(HEADER, requestId);
  return requestId;
}

/**
 * The caller's own name for the request, OpenAI's `X-Client-Request-Id`: printable ASCII, at most 512 characters.
 *
 * @throws GatewayError `invalid_value`
 */
export function clientRequestIdOf(req: IncomingMessage): string | undefined {
  const value = req.headers["x-client-request-id"];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && /^[\x20-\x7e]{1,512}$/.test(value)) return value;
  throw new GatewayError(
    "invalid_value",
    "Invalid 'X-Client-Request-Id': expected 1 to 512 printable ASCII characters.",
    { param: "X-Client-Request-Id" },
  );
}
