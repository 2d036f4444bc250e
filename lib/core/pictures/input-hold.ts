import { createHash } from "node:crypto";
import { peekImageHead } from "../../internal/image-head";
import { untilAborted } from "../../internal/until-aborted";
import type { ImageStore, JobOwner, Logger, RequestImage, Reservation } from "../../ports";
import { GatewayError } from "../../ports";
import { draining } from "../../ports/common-errors";
import { describeError } from "../describe-error";
import type { InputAccounts } from "./input-accounts";
import { storageRefusal } from "./storage-refusal";
import { plainName, usableInput } from "./usable-input";

/** A picture of a request on its way in. */
export interface IncomingImage {
  /** The field that it comes in, as the caller wrote it. */
  readonly param: string;
  /** Whatever the caller calls it. */
  readonly name: string;
  readonly isMask: boolean;
  /** What it throws, `take` throws. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface InputLimits {
  /** One picture. */
  readonly inputBytes: number;
  /** All pictures of one request. */
  readonly uploadBytes: number;
}

export interface InputHoldOptions {
  readonly store: ImageStore;
  readonly accounts: InputAccounts;
  readonly limits: InputLimits;
  readonly log: Logger;
  /** Told once nothing is held any more. */
  onDiscarded(): void;
}

/** The pictures of one request, from their arrival to the end of its job: in the store, where nothing may evict them. */
export class InputHold {
  readonly #owner: JobOwner;
  readonly #options: InputHoldOptions;
  readonly #stop = new AbortController();
  readonly #keys: string[] = [];
  #bytes = 0;
  #room: Promise<Reservation> | undefined;
  #taking: Promise<unknown> | undefined;
  #isOfJob = false;
  #discarding: Promise<void> | undefined;

  constructor(owner: JobOwner, options: InputHoldOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  /**
   * Writes a picture to the store while it comes; one at a time.
   *
   * @throws GatewayError `invalid_value` for what is no picture of use, `request_too_large`, `concurrency_limit`,
   * `storage_unavailable`; what its bytes throw; the signal's reason
   */
  async take(image: IncomingImage, signal: AbortSignal): Promise<RequestImage> {
    const taking = this.#take(image, AbortSignal.any([signal, this.#stop.signal]));
    this.#taking = taking;
    return taking;
  }

  /** A job needs them from now on. */
  keepForJob(): void {
    this.#isOfJob = true;
  }

  /** Nobody reads the request any more: unless they are a job's by now, they go. Never rejects. */
  async requestEnded(): Promise<void> {
    if (!this.#isOfJob) await this.discard();
  }

  /** Ends what is still being written, and leaves nothing behind. Idempotent, never rejects. */
  discard(): Promise<void> {
    this.#discarding ??= this.#discard();
    return this.#discarding;
  }

  async #take({ param, name, isMask, bytes }: IncomingImage, signal: AbortSignal): Promise<RequestImage> {
    let length = 0;
    let broken: { readonly by: unknown } | undefined;
    const sha256 = createHash("sha256");
    const count = (piece: Uint8Array) => {
      length += piece.byteLength;
      this.#count(param, piece.byteLength, length);
      sha256.update(piece);
    };
    async function* counted() {
      try {
        for await (const piece of bytes) {
          count(piece);
          yield piece;
        }
      } catch (error) {
        broken = { by: error };
        throw error;
      }
    }
    const { head, bytes: data } = await peekImageHead(untilAborted(counted(), signal));
    try {
      const { contentType, width, height } = usableInput({ param, isMask, isEmpty: length === 0, head });
      const room = await this.#reserved(signal);
      const stored = await room.write({ bytes: data, contentType, width, height, signal });
      this.#keys.push(stored.key);
      return {
        key: stored.key,
        name: plainName(name),
        type: contentType,
        bytes: stored.bytes,
        width,
        height,
        digest: sha256.digest("hex"),
      };
    } catch (error) {
      signal.throwIfAborted();
      if (broken !== undefined) throw broken.by;
      throw GatewayError.is(error) ? error : storageRefusal(error);
    } finally {
      // It is not waited for: the source may hang.
      data.return().catch(() => {});
    }
  }

  /** Made with the first picture: a request without one costs nothing. The store makes room as they come. */
  #reserved(signal: AbortSignal): Promise<Reservation> {
    this.#room ??= this.#options.store.reserve({ owner: this.#owner.owner, bytes: 0, signal });
    return this.#room;
  }

  #count(param: string, more: number, length: number): void {
    const { limits, accounts } = this.#options;
    if (length > limits.inputBytes) {
      const message = `The picture in '${param}' is larger than ${limits.inputBytes} bytes.`;
      throw new GatewayError("request_too_large", message, { param });
    }
    if (this.#bytes + more > limits.uploadBytes) {
      const message = `The pictures are larger than ${limits.uploadBytes} bytes together.`;
      throw new GatewayError("request_too_large", message, { param });
    }
    accounts.charge(this.#owner.limitKey, more);
    this.#bytes += more;
  }

  async #discard(): Promise<void> {
    const { store, accounts, log, onDiscarded } = this.#options;
    this.#stop.abort(draining());
    await this.#taking?.catch(() => {});
    try {
      await store.delete(this.#keys);
      const room = await this.#room?.catch(() => undefined);
      await room?.release();
    } catch (error) {
      log.warn(describeError(error), "pictures that came with a request could not be deleted; they expire");
    }
    accounts.refund(this.#owner.limitKey, this.#bytes);
    onDiscarded();
  }
}
