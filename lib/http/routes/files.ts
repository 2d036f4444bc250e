import type { Request, Response } from "express";
import type { LinkSigner } from "../../core/signed-links";
import type { ImageStore, StoredImage } from "../../ports";

import { GatewayError } from "../../ports";
import { parseRange } from "../byte-range";
import { clientSignal } from "../client-signal";
import { writeBody } from "../write-body";

export interface FilesOptions {
  readonly store: ImageStore;
  readonly signer: LinkSigner;
  readonly crossOriginResourcePolicy: "same-origin" | "same-site" | "cross-origin";
  readonly now: () => number;
  refusal(isReading: boolean): GatewayError | undefined;
}

/** GET /images/files/:key: a stored picture behind its signature; no key is asked for, and one that is sent does no harm. */
export const getFile = (options: FilesOptions) => async (req: Request, res: Response) => {
  const refused = options.refusal(true);
  if (refused !== undefined) throw refused;
  const key = String(req.params["key"]);
  checkLink(options, key, req);
  const image = await options.store.stat(key);
  if (image === undefined) throw gone();

  const etag = `"${image.key}"`;
  res.set(headersOf(image, etag, options));
  if (matches(req.headers["if-none-match"], etag)) {
    res.status(304).end();
    return;
  }
  const ifRange = req.headers["if-range"];
  const range =
    ifRange === undefined || ifRange === etag ? parseRange(req.headers.range, image.bytes) : undefined;
  if (range === "unsatisfiable") {
    res.set("content-range", `bytes */${image.bytes}`);
    throw new GatewayError("range_not_satisfiable", "The range lies outside the picture.");
  }
  res.status(range === undefined ? 200 : 206);
  res.set("content-length", String(range === undefined ? image.bytes : range.end - range.start + 1));
  if (range !== undefined) res.set("content-range", `bytes ${range.start}-${range.end}/${image.bytes}`);
  if (req.method === "HEAD") {
    res.end();
    return;
  }
  const signal = clientSignal(res);
  const found = await options.store.read(key, { signal, ...(range === undefined ? {} : { range }) });
  if (found === undefined) throw gone();
  await writeBody(res, found.body, signal);
};

function checkLink({ signer, now }: FilesOptions, key: string, req: Request): void {
  // The raw query: a parser would fold several spellings of one link into one.
  const query = req.originalUrl.split("?").slice(1).join("?");
  const { status } = signer.verify(key, query, now());
  if (status === "bad") throw new GatewayError("invalid_signature", "The link is not valid.");
  if (status === "expired") {
    throw new GatewayError("link_expired", "The link has expired. Read the job again for a new one.");
  }
}

function headersOf(image: StoredImage, etag: string, options: FilesOptions): Record<string, string> {
  const rest = Math.max(0, Math.floor((image.expiresAt - options.now()) / 1000));
  const extension = image.contentType.slice("image/".length);
  return {
    "content-type": image.contentType,
    "content-disposition": `inline; filename="${image.key}.${extension}"`,
    "accept-ranges": "bytes",
    etag,
    "cache-control": `private, max-age=${rest}, immutable`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": options.crossOriginResourcePolicy,
  };
}

const matches = (header: string | undefined, etag: string): boolean =>
  (header ?? "").split(",").some((each) => ["*", etag, `W/${etag}`].includes(each.trim()));

const gone = (): GatewayError => new GatewayError("image_not_found", "The picture is no longer kept.");
