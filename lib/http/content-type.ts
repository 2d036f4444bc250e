import type { IncomingMessage } from "node:http";

import { GatewayError } from "../ports";

/**
 * Accepts JSON in UTF-8 and nothing else.
 *
 * @throws GatewayError `unsupported_media_type`
 */
export function requireJson(req: IncomingMessage): void {
  const [type = "", ...parameters] = (req.headers["content-type"] ?? "").split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter)?.[1]?.toLowerCase())
    .find((value) => value !== undefined);
  if (type.trim().toLowerCase() === "application/json" && (charset === undefined || charset === "utf-8"))
    return;
  throw new GatewayError(
    "unsupported_media_type",
    "The body must be JSON in UTF-8: send 'Content-Type: application/json'.",
  );
}
