import { countMember } from "../../internal/json-shape";
import type { StoredImage } from "../../ports";
import type { Draft, DraftOptions, SettledImage } from "../medium";
import { objectName } from "./image-name";
import { headersOf } from "./metadata";
import { MultipartUpload } from "./multipart-upload";
import { PART_BYTES, type PartBuffers } from "./part-buffers";
import { ifThere, isNotFound, orStoreFull } from "./refusals";
import type { Requests } from "./requests";

/** Nobody gains by waiting longer for the storage to forget something. */
const DISCARD_MS = 5_000;

/** What all drafts of a bucket have in common. */
export interface DraftContext {
  readonly requests: Requests;
  readonly prefix: string;
  readonly buffers: PartBuffers;
}

/** An image that is sent as one object, or in parts once it is larger than one. It appears whole, by the protocol's own rules. */
export class ObjectDraft implements Draft {
  readonly #requests: Requests;
  readonly #prefix: string;
  readonly #buffers: PartBuffers;
  readonly #options: DraftOptions;
  #part: Uint8Array | undefined;
  #partBytes = 0;
  #upload: MultipartUpload | undefined;
  /** From here on the object may be there, whatever the answer was. */
  #isFinishing = false;

  constructor({ requests, prefix, buffers }: DraftContext, options: DraftOptions) {
    this.#requests = requests;
    this.#prefix = prefix;
    this.#buffers = buffers;
    this.#options = options;
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#part ??= this.#buffers.take();
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#partBytes === PART_BYTES) await this.#sendPart();
      const piece = chunk.subarray(at, at + PART_BYTES - this.#partBytes);
      this.#part.set(piece, this.#partBytes);
      this.#partBytes += piece.byteLength;
      at += piece.byteLength;
    }
  }

  async commit(image: StoredImage): Promise<void> {
    if (this.#upload) await this.#sendPart();
    this.#isFinishing = true;
    await orStoreFull(
      () => (this.#upload ? this.#complete(this.#upload, image.bytes) : this.#put(image)),
      this.#options.signal,
    );
    // Only now that the storage has said so is it certain that nothing of it is still on its way.
    if (this.#part) this.#buffers.giveBack(this.#part);
  }

  /** Best effort: what remains is removed by a sweep, or by the bucket's lifecycle. */
  async discard(): Promise<void> {
    const signal = AbortSignal.timeout(DISCARD_MS);
    const { library, bucket } = this.#requests;
    await Promise.allSettled([
      this.#upload?.abort(signal),
      this.#isFinishing &&
        this.#requests.send(new library.DeleteObjectCommand({ Bucket: bucket, Key: this.#name }), signal),
    ]);
  }

  get #image(): SettledImage {
    return this.#options.settle();
  }

  get #name(): string {
    return objectName(this.#prefix, this.#image.key);
  }

  get #filled(): Uint8Array {
    return this.#part?.subarray(0, this.#partBytes) ?? new Uint8Array(0);
  }

  async #put(image: SettledImage): Promise<void> {
    const { library, bucket } = this.#requests;
    const command = new library.PutObjectCommand({
      Bucket: bucket,
      Key: this.#name,
      Body: this.#filled,
      ...headersOf(image, this.#options.owner),
    });
    await this.#requests.sendBytes(command, this.#options.signal);
  }

  async #sendPart(): Promise<void> {
    const { signal, owner } = this.#options;
    await orStoreFull(async () => {
      const headers = headersOf(this.#image, owner);
      this.#upload ??= await MultipartUpload.begin(this.#requests, this.#name, headers, signal);
      await this.#upload.send(this.#filled, signal);
    }, signal);
    this.#partBytes = 0;
  }

  async #complete(upload: MultipartUpload, bytes: number): Promise<void> {
    const { signal } = this.#options;
    try {
      await upload.complete(signal);
    } catch (error) {
      // Where the answer got lost and the request was repeated, the storage no longer knows the upload that it has completed.
      if (!isNotFound(error) || (await this.#sizeNow(signal)) !== bytes) throw error;
    }
  }

  async #sizeNow(signal: AbortSignal): Promise<number | undefined> {
    const { library, bucket } = this.#requests;
    const command = new library.HeadObjectCommand({ Bucket: bucket, Key: this.#name });
    return countMember(await ifThere(this.#requests.send(command, signal)), "ContentLength");
  }
}
