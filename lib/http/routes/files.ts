import type { Request, Response } from "express";
import type { LinkSigner } from "../../core/pictures/signed-links";
import { defined } from "../../internal/defined";
import type { ByteRange, ImageStore, StoredImage } from "../../ports";

import { GatewayError } from "../../ports";
import { writeBody } from "../body";
import { parseRange } from "../byte-range";
import { clientStop } from "../client-signal";

export interface FilesOptions {
  readonly store: ImageStore;
  readonly signer: LinkSigner;
  readonly crossOriginResourcePolicy: "same-origin" | "same-site" | "cross-origin";
  readonly now: () => number;
  refusal(beginsWork: boolean): GatewayError | undefined;
}

/** GET /images/files/:key: a stored picture behind its signature; no key is asked for, and one that is sent does no harm. */
export const getFile = (options: FilesOptions) => async (req: Request, res: Response) => {
  const refused = options.refusal(false);
  if (refused !== undefined) throw refused;
  const key = String(req.params["key"]);
  checkLink(options, key, req);
  const image = await options.store.stat(key);
  if (image === undefined) throw gone();

  const etag = `"${image.key}"`;
  const headers = headersOf(image, etag, options);
  if (matches(req.headers["if-none-match"], etag)) {
    res.status(304).set(headers).end();
    return;
  }
  const range = rangeOf(req, image, etag);
  if (range === "unsatisfiable") {
    res.set("content-range", `bytes */${image.bytes}`);
    throw new GatewayError("range_not_satisfiable", "The range lies outside the picture.");
  }
  const { signal } = clientStop(res);
  const begin = () =>
    res.status(range === undefined ? 200 : 206).set({ ...headers, ...extentOf(image, range) });
  if (req.method === "HEAD") {
    begin().end();
    return;
  }
  const found = await options.store.read(key, defined({ signal, range }));
  if (found === undefined) throw gone();
  await writeBody(res, (add) => add(found.body), { signal, begin });
};

/** Ranges are for GET alone (RFC 9110 §14.2). */
function rangeOf(req: Request, image: StoredImage, etag: string): ReturnType<typeof parseRange> {
  const ifRange = req.headers["if-range"];
  if (req.method !== "GET" || (ifRange !== undefined && ifRange !== etag)) return undefined;
  return parseRange(req.headers.range, image.bytes);
}

const extentOf = ({ bytes }: StoredImage, range: ByteRange | undefined): Record<string, string> =>
  range === undefined
    ? { "content-length": String(bytes) }
    : {
        "content-length": String(range.end - range.start + 1),
        "content-range": `bytes ${range.start}-${range.end}/${bytes}`,
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
