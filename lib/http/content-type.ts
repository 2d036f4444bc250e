import type { IncomingMessage } from "node:http";

import { GatewayError } from "../ports";

/** `form`: what `curl -d` says of any body when nobody tells it otherwise. */
export type BodyType = "json" | "form";

/**
 * Accepts JSON in UTF-8. A body declared as a form may turn out to be JSON too, but only beside an `Authorization` header, which no
 * page of another site can make a browser send with a form.
 *
 * @throws GatewayError `unsupported_media_type`
 */
export function requireJson(req: IncomingMessage): BodyType {
  const [declared = "", ...parameters] = (req.headers["content-type"] ?? "").split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter)?.[1]?.toLowerCase())
    .find((value) => value !== undefined);
  if (charset !== undefined && charset !== "utf-8") throw notJson();
  const type = declared.trim().toLowerCase();
  if (type === "application/json") return "json";
  if (type === "application/x-www-form-urlencoded" && req.headers.authorization !== undefined) return "form";
  throw notJson();
}

export const notJson = (): GatewayError =>
  new GatewayError(
    "unsupported_media_type",
    "The body must be JSON in UTF-8: send 'Content-Type: application/json'.",
  );
