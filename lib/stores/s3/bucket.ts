import type { Clock } from "../../ports";
import type { Ledger, LedgerImage } from "../ledger";
import type { Draft, DraftOptions, Medium } from "../medium";
import { ObjectDraft } from "./draft";
import { objectName } from "./image-name";
import { type Listed, listImages } from "./listing";
import { PartBuffers } from "./part-buffers";
import { orStoreFull } from "./refusals";
import { removeObjects } from "./removal";
import type { Requests } from "./requests";

/** How long what another process wrote is taken to be under a reservation: no job lasts longer. */
const HELD_MS = 3_600_000;

/** A storage that has answered is taken to be there for so long. */
const BELIEVED_MS = 5_000;

/** Pages of expired images that are removed in one go; the rest waits for the next sweep. */
const MOST_PAGES = 10;

export interface BucketOptions {
  readonly requests: Requests;
  readonly prefix: string;
  readonly ledger: Ledger;
  /** Else nobody has to know how much the bucket holds. */
  readonly isLimited: boolean;
  readonly ttlMs: number;
  readonly clock: Clock;
  /** Aborts when the store closes: ends what is under way for nobody in particular. */
  readonly closing: AbortSignal;
}

/** A bucket as a medium; other processes may use it at the same time. */
export class Bucket implements Medium {
  readonly #options: BucketOptions;
  readonly #buffers = new PartBuffers();
  #refreshing: Promise<void> | undefined;
  #answered = { at: Number.NEGATIVE_INFINITY, asking: Promise.resolve() };

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** Asks whether the bucket is there: nothing is to be paid for that it could not take. */
  hold(): Promise<void> {
    const { requests, closing } = this.#options;
    const now = performance.now();
    if (now - this.#answered.at < BELIEVED_MS) return this.#answered.asking;
    const { HeadBucketCommand } = requests.library;
    const ask = async () => {
      await requests.send(new HeadBucketCommand({ Bucket: requests.bucket }), closing);
    };
    const asking = orStoreFull(ask, closing).catch((error: unknown) => {
      this.#answered.at = Number.NEGATIVE_INFINITY;
      throw error;
    });
    this.#answered = { at: now, asking };
    return asking;
  }

  async draft(options: DraftOptions): Promise<Draft> {
    return new ObjectDraft({ ...this.#options, buffers: this.#buffers }, options);
  }

  async remove(keys: readonly string[]): Promise<void> {
    const { requests, prefix, closing } = this.#options;
    const names = keys.map((key) => objectName(prefix, key));
    await removeObjects(requests, names, closing);
  }

  /** Removes what is expired, and counts the rest where it has to be counted. Who comes while that is under way shares its result. */
  refresh(): Promise<void> {
    // A rush that was is no reason to keep its memory.
    this.#buffers.drop();
    const { ledger, isLimited, closing } = this.#options;
    // The ledger of one that is not would grow with every image, and nobody asks it.
    if (!isLimited) ledger.forget(ledger.keys);
    const work = () => (isLimited ? this.#takeStock() : this.#removeExpired());
    this.#refreshing ??= orStoreFull(work, closing).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #removeExpired(): Promise<void> {
    let pages = 0;
    for await (const living of this.#living()) {
      pages += 1;
      // The list is in the order of their ends.
      if (living.length > 0 || pages === MOST_PAGES) return;
    }
  }

  async #takeStock(): Promise<void> {
    const { ledger, clock, ttlMs } = this.#options;
    // Before the bucket is read: what is stored meanwhile is in the ledger, and not yet in the list.
    const known = ledger.keys;
    const found = new Map<string, Listed>();
    for await (const living of this.#living()) {
      for (const image of living) found.set(image.key, image);
    }
    const oldest = clock() + ttlMs - HELD_MS;
    ledger.forget(known.filter((key) => !found.has(key)));
    // Only the writer knows the reservation of an image. To the others it is one of its own, until it is old.
    ledger.setForeignHolds(
      [...found.values()].filter(({ expiresAt }) => expiresAt > oldest).map(({ key }) => key),
    );
    for (const image of found.values()) if (!ledger.has(image.key)) ledger.add(this.#foreign(image));
  }

  /** Who owns it cannot be told from a list, and nobody asks object by object: all of them count as one owner's. */
  #foreign({ key, expiresAt, bytes }: Listed): LedgerImage {
    return { key, owner: "", bytes, createdAt: expiresAt - this.#options.ttlMs, expiresAt, hold: key };
  }

  /** Page by page; what is expired is removed on the way. */
  async *#living(): AsyncGenerator<readonly Listed[], void> {
    const { requests, prefix, ledger, clock, closing } = this.#options;
    for await (const page of listImages(requests, prefix, closing)) {
      const now = clock();
      const expired = page.filter(({ expiresAt }) => expiresAt <= now).map(({ key }) => key);
      await this.remove(expired);
      ledger.forget(expired);
      yield page.filter(({ expiresAt }) => expiresAt > now);
    }
  }
}
