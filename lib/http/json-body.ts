import type { Request } from "express";
import type { Logger } from "../ports";

import { GatewayError } from "../ports";
import { wholeBody } from "./body-source";
import { notJson, requireJson } from "./content-type";
import { isParsed, parsedByHost } from "./host-parsed";
import { checkShape } from "./json-shape";

export interface JsonBodyOptions {
  /** Inflated. */
  readonly maxBytes: number;
  readonly log: Logger;
}

/**
 * The JSON body of a request, read here or by the host's own parser before us.
 *
 * @throws GatewayError `unsupported_media_type`, `request_too_large`, `invalid_json`, `body_already_consumed`
 */
export async function readJsonBody(req: Request, { maxBytes, log }: JsonBodyOptions): Promise<unknown> {
  const type = requireJson(req);
  if (type === "form") return readUndeclared(req, maxBytes);
  const body = isParsed(req) ? parsed(parsedByHost(req, log)) : parseJson(await wholeBody(req, maxBytes));
  checkShape(body);
  return body;
}

/** JSON that `curl -d` has declared as a form; a real form is refused as such. */
async function readUndeclared(req: Request, maxBytes: number): Promise<unknown> {
  if (isParsed(req)) throw notJson();
  const bytes = await wholeBody(req, maxBytes);
  if (!/^\s*\{/.test(bytes.toString("latin1", 0, 64))) throw notJson();
  const body = parseJson(bytes);
  checkShape(body);
  return body;
}

function parsed(body: unknown): unknown {
  if (Buffer.isBuffer(body)) return parseJson(body);
  return typeof body === "string" ? parseJson(Buffer.from(body)) : body;
}

/** Fatal: broken UTF-8 must not turn into other text. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new GatewayError("invalid_json", "The request body is not valid JSON in UTF-8.", { cause: error });
  }
}
