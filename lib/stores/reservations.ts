import { AbortGroup, type Membership } from "../internal/abort-group";
import { Flow } from "../internal/flow";
import { newId } from "../internal/ids";
import { forEach } from "../internal/supply";
import { untilAborted } from "../internal/until-aborted";
import type { Clock, ImageStore, NewImage, Reservation, StoredImage } from "../ports";
import { StoreFullError } from "../ports";
import { newImageKey } from "./image-key";
import type { Claim, Ledger } from "./ledger";
import type { Draft, Medium, SettledImage } from "./medium";

export interface ReservationsOptions {
  readonly ledger: Ledger;
  readonly medium: Medium;
  readonly clock: Clock;
  readonly ttlSeconds: number;
  /** @default 192 random bits and nothing else */
  readonly newKey?: (image: Omit<SettledImage, "key">) => string;
}

export const closedError = (): Error => new Error("The image store is closed.");

/** Of every piece the draft has a copy, or has it written, before the next one is asked for. */
const lent = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  bytes instanceof Flow ? bytes.lent() : bytes;

/** Room and writing, the same for every medium: rules 3, 4 and 6 of the image store. */
export class Reservations {
  readonly #ledger: Ledger;
  readonly #medium: Medium;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #newKey: NonNullable<ReservationsOptions["newKey"]>;
  readonly #work = new AbortGroup();

  constructor({ ledger, medium, clock, ttlSeconds, newKey = newImageKey }: ReservationsOptions) {
    this.#ledger = ledger;
    this.#medium = medium;
    this.#clock = clock;
    this.#ttlMs = ttlSeconds * 1000;
    this.#newKey = newKey;
  }

  /** Work that ends with the store: its signal aborts when the store closes. */
  join(signal: AbortSignal): Membership {
    return this.#work.join(signal);
  }

  async reserve({ owner, bytes, signal }: Parameters<ImageStore["reserve"]>[0]): Promise<Reservation> {
    if (!(bytes >= 0)) throw new RangeError("A reservation needs its number of bytes.");
    const work = this.join(signal);
    const hold = newId("");
    try {
      await this.#makeRoom(() => this.#ledger.reserve(hold, bytes, this.#clock()));
      await this.#medium.hold?.(hold);
      work.signal.throwIfAborted();
    } catch (error) {
      await this.#release(hold);
      throw error;
    } finally {
      work.leave();
    }
    let released: Promise<void> | undefined;
    return {
      write: async (image) => {
        if (released !== undefined) throw new Error("The reservation has been released.");
        return this.#write(image, { owner, hold });
      },
      release: () => {
        released ??= this.#release(hold);
        return released;
      },
    };
  }

  /** Removes what is expired. */
  async sweep(): Promise<void> {
    await this.#medium.refresh?.();
    await this.#remove(this.#ledger.expire(this.#clock()));
  }

  /** Ends all work and all reservations; waits for the medium, never for a source or a reader. */
  async close(): Promise<void> {
    await this.#work.close(closedError());
    await Promise.all(this.#ledger.holds.map((hold) => this.#release(hold)));
  }

  async #write(
    image: NewImage,
    about: { readonly owner: string; readonly hold: string },
  ): Promise<StoredImage> {
    const work = this.join(image.signal);
    const claim: Claim = { hold: about.hold, reserved: 0, extra: 0 };
    let settled: SettledImage | undefined;
    const settle = () => {
      settled ??= this.#settle(image);
      return settled;
    };
    let draft: Draft | undefined;
    try {
      draft = await this.#medium.draft({ settle, owner: about.owner, signal: work.signal });
      const bytes = await this.#fill(draft, untilAborted(lent(image.bytes), work.signal), claim);
      const stored: StoredImage = { ...settle(), bytes };
      await draft.commit(stored, about);
      this.#ledger.settle(claim, { ...stored, ...about });
      return stored;
    } catch (error) {
      await draft?.discard();
      this.#ledger.refund(claim);
      throw error;
    } finally {
      work.leave();
    }
  }

  #settle({ contentType, width, height }: NewImage): SettledImage {
    const createdAt = this.#clock();
    const facts = { contentType, width, height, createdAt, expiresAt: createdAt + this.#ttlMs };
    return { key: this.#newKey(facts), ...facts };
  }

  async #fill(draft: Draft, source: AsyncIterable<Uint8Array>, claim: Claim): Promise<number> {
    let bytes = 0;
    await forEach(source, (chunk) => {
      bytes += chunk.byteLength;
      const room = this.#makeRoom(() => this.#ledger.draw(claim, chunk.byteLength, this.#clock()));
      return room === undefined ? draft.append(chunk) : room.then(() => draft.append(chunk));
    });
    return bytes;
  }

  /**
   * @param take says which images have to go, or `undefined` when there is not enough even without them
   * @returns `undefined` where there is room already
   */
  #makeRoom(take: () => readonly string[] | undefined): Promise<void> | undefined {
    const leaving = take();
    return leaving?.length === 0 ? undefined : this.#evict(leaving, take);
  }

  async #evict(
    first: readonly string[] | undefined,
    take: () => readonly string[] | undefined,
  ): Promise<void> {
    let leaving = first;
    if (!leaving) {
      // Other processes may have deleted or released something since they were last asked.
      await this.#medium.refresh?.();
      leaving = take();
    }
    if (!leaving) throw new StoreFullError("The image store is full.");
    await this.#remove(leaving).catch((cause) => {
      throw new StoreFullError("The image store could not make room.", { cause });
    });
  }

  async #remove(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    try {
      await this.#medium.remove(keys);
    } finally {
      this.#ledger.forget(keys);
    }
  }

  async #release(hold: string): Promise<void> {
    this.#ledger.release(hold);
    await this.#medium.unhold?.(hold);
  }
}
