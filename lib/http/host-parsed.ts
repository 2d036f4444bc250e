import type { Request } from "express";
import type { Logger } from "../ports";
import { GatewayError } from "../ports";

/**
 * Has the host's own parser read the body before us, or made text of its bytes? A truthy `req.body` says nothing: after `express.json()` a
 * request of another type has `{}` on Express 4. Its parsers mark what they have read with `_body`.
 */
export const isParsed = (req: Request): boolean =>
  ("_body" in req && req._body === true) || req.readableEnded || req.readableEncoding !== null;

/** What the host's parser has left; text and bytes are as they were sent. @throws GatewayError `body_already_consumed` */
export function parsedByHost(req: Request, log: Logger): unknown {
  const body: unknown = req.body;
  if (body === undefined) throw consumed(log);
  return body;
}

/** The remedy is the operator's, so the log has it. */
export function consumed(log: Logger): GatewayError {
  log.error(
    {},
    "the request body was read before it reached the image router; mount the router before the middleware that reads it, or leave the parsed JSON in req.body",
  );
  return new GatewayError(
    "body_already_consumed",
    "The server read the request body before it could be used.",
  );
}
