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
  const type = declaredType(req);
  if (type === "application/json") return "json";
  if (type === "application/x-www-form-urlencoded" && req.headers.authorization !== undefined) return "form";
  throw notJson();
}

export const notJson = (): GatewayError =>
  new GatewayError(
    "unsupported_media_type",
    "The body must be JSON in UTF-8: send 'Content-Type: application/json'.",
  );

/**
 * Accepts a form with files, and JSON where the route takes that. A browser sends such a form for any page with its user's cookies, and asks
 * nobody: without an `Authorization` header, which a page of another site cannot add unasked, only those of the host's own are taken.
 *
 * @throws GatewayError `unsupported_media_type`
 */
export function requireUpload(
  req: IncomingMessage,
  { takesJson }: { readonly takesJson: boolean },
): "multipart" | "json" {
  const type = declaredType(req);
  if (type === "application/json" && takesJson) return "json";
  if (type !== "multipart/form-data") {
    const json = takesJson ? " or application/json, in UTF-8, with the pictures in 'images'" : "";
    const message = `The body must be multipart/form-data with the picture in 'image'${json}.`;
    throw new GatewayError("unsupported_media_type", message);
  }
  if (req.headers.authorization === undefined && isFromElsewhere(req)) {
    const message = "A form that a page of another site sends needs an 'Authorization' header.";
    throw new GatewayError("unsupported_media_type", message);
  }
  return "multipart";
}

/** @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header */
const isFromElsewhere = ({ headers }: IncomingMessage): boolean =>
  headers["sec-fetch-site"] === "cross-site" || headers["sec-fetch-site"] === "same-site";

/** In small letters, without its parameters; `undefined` for text in anything but UTF-8. */
function declaredType(req: IncomingMessage): string | undefined {
  const [declared = "", ...parameters] = (req.headers["content-type"] ?? "").split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter)?.[1]?.toLowerCase())
    .find((value) => value !== undefined);
  return charset === undefined || charset === "utf-8" ? declared.trim().toLowerCase() : undefined;
}
