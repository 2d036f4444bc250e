import { brand, brandOf, isBranded } from "./brand";
import type { MaybePromise } from "./maybe-promise";

/** The picture formats that are stored and served; SVG is refused. */
export type ImageType = "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif";

export interface NewImage {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** By magic number, settled before the store is asked. */
  readonly contentType: ImageType;
  readonly width: number;
  readonly height: number;
  readonly signal: AbortSignal;
}

export interface StoredImage {
  /** 22–64 characters of `A–Z a–z 0–9 _ -`, at least 128 random bits; made by the store. */
  readonly key: string;
  readonly contentType: ImageType;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Both ends are included, as in HTTP; both lie inside the image. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Room held for the images of one job, from before the upstream is called until its job has ended. */
export interface Reservation {
  /** Stores one image; on rejection nothing of it remains. */
  write(image: NewImage): Promise<StoredImage>;
  /** Gives back what was not used; from then on its images may be evicted. Idempotent. */
  release(): Promise<void>;
}

const BRAND = brandOf("StoreFullError");

/** What a store rejects with when it has no room, or cannot write. */
export class StoreFullError extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreFullError";
    brand(this, BRAND);
  }

  /** Holds across two installed copies of the package, where `instanceof` does not. */
  static is(error: unknown): error is StoreFullError {
    return isBranded(error, BRAND);
  }
}

/**
 * Where image bytes live for a while.
 *
 * 1. What `write` resolved to can be read at once, byte for byte, from any process on the same storage.
 * 2. An unknown, deleted or expired key is `undefined`, never an error; so is a key of the wrong form.
 * 3. `write` is atomic: readers see the whole image or none; a source that fails or an abort leaves nothing behind.
 * 4. Images end `ttl` after they were written, by the injected clock.
 * 5. `read` with a range gives just those bytes.
 * 6. `reserve` makes room by evicting expired images first, then the oldest of the owner that holds most, never one
 *    under a reservation that is still held; if that is not enough it rejects with {@link StoreFullError}.
 * 7. Concurrent writers and readers do not disturb each other; memory per operation is O(chunk).
 * 8. `delete` of an unknown key is not an error.
 * 9. `close` waits for nothing of the caller's, removes what is private to the process, and is idempotent.
 */
export interface ImageStore {
  /** No other process can see what this one keeps here: of no use for jobs that other processes work on. Default `false`. */
  readonly isPrivate?: boolean;
  /** Awaited once before the first use; a store that cannot work rejects. */
  ready?(): Promise<void>;
  /** `owner`: a digest of the principal. `bytes`: what the images may need together. */
  reserve(request: {
    readonly owner: string;
    readonly bytes: number;
    readonly signal: AbortSignal;
  }): Promise<Reservation>;
  stat(key: string): Promise<StoredImage | undefined>;
  read(
    key: string,
    options: { readonly range?: ByteRange; readonly signal: AbortSignal },
  ): Promise<{ readonly image: StoredImage; readonly body: AsyncIterable<Uint8Array> } | undefined>;
  delete(keys: readonly string[]): Promise<void>;
  /** An address at which the storage itself serves the image. Absent or `undefined`: the gateway signs and serves it. */
  link?(key: string, options: { readonly expiresAt: number }): MaybePromise<string | undefined>;
  close?(): MaybePromise<void>;
}
