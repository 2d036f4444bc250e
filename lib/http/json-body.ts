import { pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Request } from "express";
import type { Logger } from "../ports";

import { GatewayError } from "../ports";
import { notJson, requireJson } from "./content-type";
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
  const body = isParsed(req) ? parsedByHost(req, log) : parseJson(await collect(req, maxBytes));
  checkShape(body);
  return body;
}

/** JSON that `curl -d` has declared as a form; a real form is refused as such. */
async function readUndeclared(req: Request, maxBytes: number): Promise<unknown> {
  if (isParsed(req)) throw notJson();
  const bytes = await collect(req, maxBytes);
  if (!/^\s*\{/.test(bytes.toString("latin1", 0, 64))) throw notJson();
  const body = parseJson(bytes);
  checkShape(body);
  return body;
}

/**
 * A truthy `req.body` says nothing: after `express.json()` a request of another type has `{}` on Express 4. Its parsers mark what
 * they have read with `_body`.
 */
const isParsed = (req: Request): boolean => ("_body" in req && req._body === true) || req.readableEnded;

function parsedByHost(req: Request, log: Logger): unknown {
  const body: unknown = req.body;
  if (Buffer.isBuffer(body)) return parseJson(body);
  if (typeof body === "string") return parseJson(Buffer.from(body));
  if (body !== undefined) return body;
  log.error(
    {},
    "the request body was read before it reached the image router; mount the router before the middleware that reads it, or leave the parsed JSON in req.body",
  );
  throw new GatewayError(
    "body_already_consumed",
    "The server read the request body before it could be used.",
  );
}

async function collect(req: Request, maxBytes: number): Promise<Buffer> {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoded(req)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (GatewayError.is(error)) throw error;
    throw new GatewayError("invalid_request", "The request body could not be read.", { cause: error });
  }
  return Buffer.concat(chunks);
}

function decoded(req: Request): AsyncIterable<Buffer> {
  // Leaving a stream's own loop destroys it, and with it the connection on which the answer has to go out.
  const source: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false });
  switch ((req.headers["content-encoding"] ?? "identity").trim().toLowerCase()) {
    case "identity":
    case "":
      return source;
    case "gzip":
      return inflate(source, createGunzip());
    case "deflate":
      return inflate(source, createInflate());
    case "br":
      return inflate(source, createBrotliDecompress());
    default:
      throw new GatewayError(
        "unsupported_media_type",
        "This content encoding is not supported: use gzip, deflate, br or none.",
      );
  }
}

/** A failure of either stream reaches the reader through the second one. */
function inflate(source: AsyncIterable<Buffer>, inflater: Transform): AsyncIterable<Buffer> {
  pipeline(source, inflater, () => {});
  return inflater;
}

function parseJson(bytes: Buffer): unknown {
  try {
    // Fatal: broken UTF-8 must not turn into other text.
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new GatewayError("invalid_json", "The request body is not valid JSON in UTF-8.", { cause: error });
  }
}

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError("request_too_large", `The request body is larger than ${maxBytes} bytes.`);
