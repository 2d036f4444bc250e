import { pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Request } from "express";

import { joined } from "../internal/joined";
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
  refuseDeclared(req, maxBytes);
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
    throw GatewayError.is(error) ? error : unreadable(error);
  }
}

/**
 * The whole body of a request, inflated.
 *
 * @throws GatewayError what {@link bodySource} throws
 */
export async function wholeBody(req: Request, maxBytes: number): Promise<Buffer> {
  if (codingOf(req) === "identity" && isUntouched(req)) return collected(req, maxBytes);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodySource(req, { maxBytes })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A stream that a middleware of the host has paused, or waits for, flows only for its iterator. */
const isUntouched = (req: Request): boolean =>
  req.readableFlowing !== false && req.listenerCount("readable") === 0;

/** By the stream's events: its iterator would cost a small request more than all else that is done with its body. */
function collected(req: Request, maxBytes: number): Promise<Buffer> {
  refuseDeclared(req, maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else fail(tooLarge(maxBytes));
    };
    const onEnd = () => {
      leave();
      resolve(joined(chunks));
    };
    const onBreak = (error?: Error) => fail(unreadable(error));
    const fail = (error: GatewayError) => {
      leave();
      // The connection stays, for the answer.
      req.pause();
      reject(error);
    };
    const leave = () => {
      req.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
    };
    if (req.destroyed) reject(unreadable(req.errored));
    else req.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
  });
}

function refuseDeclared(req: Request, maxBytes: number): void {
  if (Number(req.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function codingOf(req: Request): string {
  return (req.headers["content-encoding"] || "identity").trim().toLowerCase();
}

function decoded(req: Request): AsyncIterable<Uint8Array> {
  // Leaving a stream's own loop destroys it, and with it the connection on which the answer has to go out.
  const source: AsyncIterable<Uint8Array> = req.iterator({ destroyOnReturn: false });
  switch (codingOf(req)) {
    case "identity":
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

const unreadable = (cause: unknown): GatewayError =>
  new GatewayError("invalid_request", "The request body could not be read.", { cause });

const idle = (ms: number): GatewayError =>
  new GatewayError("invalid_request", `Nothing more of the request body came for ${ms} ms.`);
