import type { Request } from "express";
import type { LinkSigner } from "../core/pictures/signed-links";
import type { ImageStore, JobImage, JobRecord } from "../ports";

export interface LinkOptions {
  readonly store: ImageStore;
  readonly signer: LinkSigner;
  readonly ttlMs: number;
  readonly now: () => number;
}

/** Addresses of the kept pictures of a job, signed when they are read: reading again renews them. */
export type SignLinks = (job: JobRecord, baseUrl: string) => Promise<ReadonlyMap<JobImage, string>>;

export function linkSource({ store, signer, ttlMs, now }: LinkOptions): SignLinks {
  const link = async ({ kept, contentType }: JobImage, baseUrl: string): Promise<string> => {
    if (kept === undefined) return "";
    const { key } = kept;
    const expiresAt = Math.min(kept.expiresAt, now() + ttlMs);
    const own = await store.link?.(key, { expiresAt });
    if (own !== undefined) return own;
    return `${baseUrl}/images/files/${key}?${signer.sign({ key, contentType, expiresAt })}`;
  };
  return async (job, baseUrl) =>
    new Map(await Promise.all(job.images.map(async (image) => [image, await link(image, baseUrl)] as const)));
}

/** Where clients reach the mount: as configured, else as the request that reads was addressed under the host's `trust proxy`. */
export const baseUrlOf = (req: Request, publicUrl: string | undefined): string =>
  publicUrl ?? `${req.protocol}://${hostOf(req)}${req.baseUrl}`;

/** Express 4 and 5 differ in `req.host` (without and with the port), so the header is read here. */
function hostOf(req: Request): string {
  const forwarded = req.get("x-forwarded-host");
  const trust: unknown = req.app.get("trust proxy fn");
  const isTrusted = typeof trust === "function" && trust(req.socket.remoteAddress, 0) === true;
  const host =
    (forwarded !== undefined && isTrusted ? forwarded.split(",")[0]?.trim() : req.get("host")) ?? "";
  const isPlain = /^[\w.-]+(:\d{1,5})?$|^\[[\da-fA-F:.]+\](:\d{1,5})?$/.test(host);
  return isPlain && URL.canParse(`http://${host}`) ? host : "localhost";
}
