import { pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Request } from "express";

import { unlessIdle } from "../internal/unless-idle";
import { GatewayError } from "../ports";

export interface BodyLimits {
  /** Inflated. */
  readonly maxBytes: number;
  /** Between two pieces; default: as long as the host's server waits. */
  readonly idleMs?: number;
}

/**
 * The body of a request as it comes, inflated. Whoever leaves it early leaves the connection to the answer.
 *
 * @throws GatewayError `unsupported_media_type`, `request_too_large`, `invalid_request`
 */
export async function* bodySource(
  req: Request,
  { maxBytes, idleMs }: BodyLimits,
): AsyncGenerator<Uint8Array> {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const source = decoded(req);
  let bytes = 0;
  try {
    for await (const chunk of idleMs === undefined
      ? source
      : unlessIdle(source, idleMs, () => idle(idleMs))) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    if (GatewayError.is(error)) throw error;
    throw new GatewayError("invalid_request", "The request body could not be read.", { cause: error });
  }
}

function decoded(req: Request): AsyncIterable<Uint8Array> {
  // Leaving a stream's own loop destroys it, and with it the connection on which the answer has to go out.
  const source: AsyncIterable<Uint8Array> = req.iterator({ destroyOnReturn: false });
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
function inflate(source: AsyncIterable<Uint8Array>, inflater: Transform): AsyncIterable<Uint8Array> {
  pipeline(source, inflater, () => {});
  return inflater;
}

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError("request_too_large", `The request body is larger than ${maxBytes} bytes.`);

const idle = (ms: number): GatewayError =>
  new GatewayError("invalid_request", `Nothing more of the request body came for ${ms} ms.`);
