import type { Clock, Logger } from "../../ports";
import { type Limits, resolveLimits } from "../limits";
import type { Connection, S3ClientLike, S3Credentials } from "./connection";

export interface S3ImageStoreOptions {
  readonly bucket: string;
  /**
   * An `S3Client` of `@aws-sdk/client-s3`, set up as the host likes, its repetitions and time limits too. It stays the host's: the store does
   * not end it. Instead of `region`, `endpoint`, `credentials` and `requestTimeoutMs`.
   */
  readonly client?: S3ClientLike;
  /** @default what the library finds in the environment; `us-east-1` with an `endpoint` */
  readonly region?: string;
  /**
   * The address of a storage other than Amazon's, such as `http://127.0.0.1:9000`. Buckets are then named in the path.
   *
   * @default Amazon's, for the region
   */
  readonly endpoint?: string;
  /** @default what the library finds: the environment, the shared files, the role of the machine */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>);
  /**
   * How long one request may take until its answer begins, in milliseconds. It is made up to four times.
   *
   * @default 20_000
   */
  readonly requestTimeoutMs?: number;
  /**
   * What the names of all objects begin with. Stores with the same bucket and prefix are one storage.
   *
   * @default "images/"
   */
  readonly prefix?: string;
  /** @default 3600 */
  readonly ttlSeconds?: number;
  /**
   * Exact within one process only. Processes that share a prefix learn of each other's images when they are full, and once a minute; what the
   * others have reserved but not yet written they do not count, and what the others wrote within the last hour they do not evict.
   *
   * @default no limit
   */
  readonly maxBytes?: number;
  /**
   * Who serves pictures: the gateway, behind its own links, or the storage itself, behind presigned ones.
   *
   * @default "gateway"
   */
  readonly links?: "gateway" | "presigned";
  /** Hears of sweeps that failed. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface Settings extends Limits {
  readonly bucket: string;
  readonly reachedBy: { readonly client: S3ClientLike } | Connection;
  readonly requestTimeoutMs: number;
  readonly prefix: string;
  readonly isLimited: boolean;
  readonly isPresigned: boolean;
  readonly logger: Logger | undefined;
}

const KNOWN = [
  "bucket",
  "client",
  "region",
  "endpoint",
  "credentials",
  "requestTimeoutMs",
  "prefix",
  "ttlSeconds",
  "maxBytes",
  "links",
  "logger",
  "clock",
];

/** Keys have room for times until the year 5188. */
const MOST_TTL_SECONDS = 1_000_000_000;

/** @throws TypeError naming the option and the remedy */
export function resolveOptions(options: S3ImageStoreOptions): Settings {
  const limits = resolveLimits("s3ImageStore", options, { known: KNOWN, maxBytes: Number.MAX_SAFE_INTEGER });
  const { bucket, prefix = "images/", links = "gateway", requestTimeoutMs = 20_000, logger } = options;
  if (limits.ttlSeconds > MOST_TTL_SECONDS) {
    throw wrong("ttlSeconds", `must be a number of seconds up to ${MOST_TTL_SECONDS}`);
  }
  if (!isText(bucket, /^[\w.:/-]+$/)) throw wrong("bucket", "must be the name of a bucket");
  if (!isText(prefix, /^(?:[\w.=-]+\/)*$/) || /(?:^|\/)\.{1,2}\//.test(prefix)) {
    throw wrong(
      "prefix",
      'must be folder names of letters, digits and _.=-, each with a slash behind it, or ""',
    );
  }
  if (links !== "gateway" && links !== "presigned") {
    throw wrong("links", 'must be "gateway" or "presigned"');
  }
  if (!Number.isSafeInteger(requestTimeoutMs) || requestTimeoutMs <= 0) {
    throw wrong("requestTimeoutMs", "must be a whole number of milliseconds above 0");
  }
  return {
    ...limits,
    bucket,
    prefix,
    requestTimeoutMs,
    logger,
    reachedBy: reachedBy(options, requestTimeoutMs),
    isLimited: options.maxBytes !== undefined,
    isPresigned: links === "presigned",
  };
}

function reachedBy(options: S3ImageStoreOptions, requestTimeoutMs: number): Settings["reachedBy"] {
  const { client, region, endpoint, credentials } = options;
  if (client !== undefined) {
    if (typeof client.send !== "function") throw wrong("client", "must be an S3Client of @aws-sdk/client-s3");
    const own = (["region", "endpoint", "credentials", "requestTimeoutMs"] as const).find(
      (name) => options[name] !== undefined,
    );
    if (own === undefined) return { client };
    throw wrong(own, "is for a client of the store's own; set it up in the one you give, or give none");
  }
  if (region !== undefined && !isText(region, /^[\w-]+$/)) {
    throw wrong("region", 'must be the name of a region, such as "eu-central-1"');
  }
  if (endpoint !== undefined && !isAddress(endpoint)) {
    throw wrong("endpoint", "must be an http or https address without query and user name");
  }
  if (credentials !== undefined && !areCredentials(credentials)) {
    throw wrong(
      "credentials",
      "must be an object with accessKeyId and secretAccessKey, or a function for it",
    );
  }
  return { region, endpoint, credentials, requestTimeoutMs };
}

const wrong = (option: string, remedy: string): TypeError =>
  new TypeError(`s3ImageStore: option "${option}" ${remedy}.`);

const isText = (value: unknown, form: RegExp): boolean => typeof value === "string" && form.test(value);

function isAddress(address: unknown): boolean {
  if (typeof address !== "string" || !URL.canParse(address)) return false;
  const { protocol, origin, pathname, href } = new URL(address);
  return /^https?:$/.test(protocol) && href === origin + pathname;
}

function areCredentials(value: unknown): boolean {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null) return false;
  const has = (name: string) => name in value && isText(Reflect.get(value, name), /./);
  return has("accessKeyId") && has("secretAccessKey");
}
