import { setMaxListeners } from "node:events";

import { defined } from "../../internal/defined";
import { digest } from "../../internal/digest";
import { textMember } from "../../internal/json-shape";
import type { ImageStore, StoredImage } from "../../ports";
import { Ledger } from "../ledger";
import { closedError, Reservations } from "../reservations";
import { Sweeping } from "../sweeping";
import { Bucket } from "./bucket";
import { ATTEMPTS, type Connected, connect } from "./client";
import { newKey, parseKey } from "./image-name";
import { Images } from "./images";
import { loadPresigner, loadS3 } from "./library";
import { objectBody } from "./object-body";
import { resolveOptions, type S3ImageStoreOptions, type Settings } from "./options";
import { presignedLinks } from "./presigned-links";
import { orBucketless } from "./refusals";
import { Requests } from "./requests";

export type { S3ClientLike, S3Credentials } from "./connection";
export type { S3ImageStoreOptions } from "./options";

/**
 * An image store in a bucket of a storage that speaks S3: Amazon's, Cloudflare's R2, MinIO, Ceph. It needs the optional package
 * `@aws-sdk/client-s3`, and `@aws-sdk/s3-request-presigner` for presigned links. A body that `read` handed out keeps its connection open until
 * it is read to its end or left, until the signal of that `read` aborts, or until the store closes.
 *
 * @throws TypeError for options that cannot be; Error where a package is not installed; `ready` rejects where the bucket cannot be used
 * @example
 * ```ts
 * import { s3ImageStore } from "express-image-gateway/stores/s3";
 *
 * const store = s3ImageStore({ bucket: "pictures", region: "eu-central-1" });
 * ```
 */
export function s3ImageStore(options: S3ImageStoreOptions): ImageStore {
  return new S3Store(resolveOptions(options));
}

class S3Store implements ImageStore {
  /** Absent where the gateway serves the images. */
  readonly link?: NonNullable<ImageStore["link"]>;
  readonly #connected: Connected;
  readonly #images: Images;
  readonly #ledger: Ledger;
  readonly #bucket: Bucket;
  readonly #reservations: Reservations;
  readonly #sweeping: Sweeping;
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    const { bucket, prefix, requestTimeoutMs, isLimited, maxBytes, ttlSeconds, clock } = settings;
    const library = loadS3();
    const presigner = settings.isPresigned ? loadPresigner() : undefined;
    const connected = connect(library, settings.reachedBy);
    const { client } = connected;
    const requests = new Requests({ library, client, bucket, limitMs: ATTEMPTS * requestTimeoutMs });
    const shared = { requests, prefix, clock };
    const ledger = new Ledger(maxBytes);
    const ttlMs = ttlSeconds * 1000;
    // Every request under way listens, and Node would warn of a leak at the eleventh.
    setMaxListeners(0, this.#stop.signal);
    const medium = new Bucket({ ...shared, ledger, isLimited, ttlMs, closing: this.#stop.signal });
    this.#connected = connected;
    this.#images = new Images(shared);
    this.#ledger = ledger;
    this.#bucket = medium;
    this.#reservations = new Reservations({ ledger, medium, clock, ttlSeconds, newKey });
    this.#sweeping = new Sweeping(() => this.#reservations.sweep(), settings.logger);
    if (presigner) this.link = presignedLinks({ ...shared, presigner });
  }

  /** What has expired meanwhile is removed; that takes the rights that are needed later, but for writing. */
  async ready(): Promise<void> {
    this.#assertOpen();
    try {
      await this.#reservations.sweep();
    } catch (cause) {
      this.#assertOpen();
      const code = textMember(cause, "code");
      const remedy = "check bucket, region, endpoint, credentials, and what these are allowed";
      const failed = `the bucket cannot be used${code === undefined ? "" : ` (${code})`}`;
      throw Object.assign(new Error(`s3ImageStore: ${failed}; ${remedy}.`, { cause }), defined({ code }));
    }
  }

  reserve(request: Parameters<ImageStore["reserve"]>[0]): ReturnType<ImageStore["reserve"]> {
    // Hashed, so that it has a known length and nothing of the host's gets into the bucket.
    return this.#reservations.reserve({ ...request, owner: digest(request.owner) });
  }

  async stat(key: string): Promise<StoredImage | undefined> {
    this.#assertOpen();
    return this.#images.find(key, this.#stop.signal);
  }

  async read(
    key: string,
    { range, signal }: Parameters<ImageStore["read"]>[1],
  ): ReturnType<ImageStore["read"]> {
    const work = this.#reservations.join(signal);
    try {
      const opened = await this.#images.open(key, range, work.signal);
      // From here on the body lets go of the connection.
      if (opened) return { image: opened.image, body: objectBody(opened, work) };
    } catch (error) {
      work.leave();
      throw error;
    }
    work.leave();
    return undefined;
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.#assertOpen();
    const possible = keys.filter((key) => parseKey(key));
    await orBucketless(() => this.#bucket.remove(possible), this.#stop.signal);
    this.#ledger.forget(possible);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  async #close(): Promise<void> {
    this.#stop.abort(closedError());
    await Promise.all([this.#reservations.close(), this.#sweeping.stop()]);
    this.#connected.end();
  }
}
