import type { Request } from "express";
import { inPieces } from "../../internal/in-pieces";
import type { HttpClient, Logger } from "../../ports";
import { bodySource } from "../body-source";
import { requireUpload } from "../content-type";
import { consumed, isParsed, parsedByHost } from "../host-parsed";
import { formParts } from "./form-parts";
import { type FormOptions, readForm } from "./read-form";
import { readParsedReferences, readReferences } from "./read-references";
import type { TakeImage, Upload } from "./upload";

export interface UploadLimits {
  /** Of a whole body, inflated. */
  readonly uploadBytes: number;
  /** Of all in it that is no picture. */
  readonly bodyBytes: number;
  /** Of one picture. */
  readonly inputBytes: number;
  /** Between two pieces of a body. */
  readonly uploadIdleMs: number;
}

export interface UploadOptions {
  readonly limits: UploadLimits;
  readonly fetcher: HttpClient;
  readonly log: Logger;
}

/** What one route takes. */
export interface UploadKind extends Omit<FormOptions, "maxFieldBytes"> {
  /** Pictures may be named in JSON, too. */
  readonly takesJson: boolean;
}

/**
 * Reads the body of a request with pictures, which are taken in while it comes.
 *
 * @throws GatewayError with the `param` at fault; what the taking throws
 */
export async function readUpload(
  req: Request,
  kind: UploadKind,
  take: TakeImage,
  signal: AbortSignal,
  { limits, fetcher, log }: UploadOptions,
): Promise<Upload> {
  const source = () => bodySource(req, { maxBytes: limits.uploadBytes, idleMs: limits.uploadIdleMs });
  if (requireUpload(req, kind) === "multipart") {
    if (isParsed(req)) throw consumed(log);
    const parts = formParts(source(), req.headers["content-type"] ?? "");
    return readForm(parts, take, { ...kind, maxFieldBytes: limits.bodyBytes });
  }
  const fetching = { fetcher, maxBytes: limits.inputBytes, signal, log };
  if (!isParsed(req)) return readReferences(source(), limits.bodyBytes, take, fetching);
  const body = parsedByHost(req, log);
  if (typeof body !== "string" && !Buffer.isBuffer(body)) return readParsedReferences(body, take, fetching);
  return readReferences(inPieces(Buffer.from(body)), limits.bodyBytes, take, fetching);
}
