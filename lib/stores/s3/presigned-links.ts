import type { Clock, ImageStore } from "../../ports";
import { objectName, parseKey } from "./image-name";
import type { Presigner } from "./library";
import { orBucketless } from "./refusals";
import type { Requests } from "./requests";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html */
const MOST_SECONDS = 7 * 24 * 3600;

export interface LinksOptions {
  readonly requests: Requests;
  readonly presigner: Presigner;
  readonly prefix: string;
  readonly clock: Clock;
}

/**
 * Addresses at which the storage serves images for a while, as the gateway would: typed, inline, kept by nobody but the caller. No request is
 * made for them.
 */
export function presignedLinks(options: LinksOptions): NonNullable<ImageStore["link"]> {
  const { requests, presigner, prefix, clock } = options;
  return async (key, { expiresAt }) => {
    const facts = parseKey(key);
    const restMs = Math.min(expiresAt, facts?.expiresAt ?? 0) - clock();
    const seconds = Math.min(Math.floor(restMs / 1000), MOST_SECONDS);
    if (!facts || seconds < 1) return undefined;
    const extension = facts.contentType.slice("image/".length);
    const command = new requests.library.GetObjectCommand({
      Bucket: requests.bucket,
      Key: objectName(prefix, key),
      ResponseContentType: facts.contentType,
      ResponseContentDisposition: `inline; filename="${key}.${extension}"`,
      ResponseCacheControl: `private, max-age=${seconds}, immutable`,
    });
    return orBucketless(() => presigner.getSignedUrl(requests.client, command, { expiresIn: seconds }));
  };
}
