import { chooseEvictions, type Holding } from "./eviction";

export interface LedgerImage extends Holding {
  /** The reservation it was written under. */
  readonly hold: string;
}

/** Room taken for one image while it is written. */
export interface Claim {
  readonly hold: string;
  /** Taken out of the reservation. */
  reserved: number;
  /** Beyond it. */
  extra: number;
}

/**
 * Books of a store's room: what is stored, reserved and being written never exceeds `maxBytes` together.
 * Whatever takes room answers with the keys that have to go for it: they no longer count, and {@link forget} follows
 * when they are gone. `undefined` means that there is not enough, and then nothing has changed.
 */
export class Ledger {
  readonly #maxBytes: number;
  readonly #images = new Map<string, LedgerImage>();
  readonly #leaving = new Set<string>();
  /** Open reservations, and what is left of each. */
  readonly #left = new Map<string, number>();
  #foreignHolds: ReadonlySet<string> = new Set();
  #stored = 0;
  #claimed = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  reserve(hold: string, bytes: number, now: number): readonly string[] | undefined {
    const leaving = this.#makeRoom(bytes, now);
    if (leaving) this.#left.set(hold, bytes);
    return leaving;
  }

  /** Takes `bytes` more for an image, first out of its reservation. */
  draw(claim: Claim, bytes: number, now: number): readonly string[] | undefined {
    const left = this.#left.get(claim.hold) ?? 0;
    const reserved = Math.min(left, bytes);
    const leaving = this.#makeRoom(bytes - reserved, now);
    if (!leaving) return undefined;
    if (reserved > 0) this.#left.set(claim.hold, left - reserved);
    claim.reserved += reserved;
    claim.extra += bytes - reserved;
    return leaving;
  }

  /** The image is written: what was claimed for it has become what it holds. */
  settle(claim: Claim, image: LedgerImage): void {
    this.#claimed -= claim.reserved + claim.extra;
    this.add(image);
  }

  /** Nothing came of the image: its reservation can be used again. */
  refund(claim: Claim): void {
    const left = this.#left.get(claim.hold);
    this.#claimed -= claim.extra;
    if (left === undefined) this.#claimed -= claim.reserved;
    else this.#left.set(claim.hold, left + claim.reserved);
  }

  /** Gives back what is left of a reservation; its images may go from now on. */
  release(hold: string): void {
    this.#claimed -= this.#left.get(hold) ?? 0;
    this.#left.delete(hold);
  }

  get holds(): readonly string[] {
    return [...this.#left.keys()];
  }

  /** Reservations that other processes on the same storage hold. */
  setForeignHolds(holds: Iterable<string>): void {
    this.#foreignHolds = new Set(holds);
  }

  get keys(): readonly string[] {
    return [...this.#images.keys()];
  }

  /** Also while it leaves. */
  has(key: string): boolean {
    return this.#images.has(key) || this.#leaving.has(key);
  }

  add(image: LedgerImage): void {
    this.forget([image.key]);
    this.#images.set(image.key, image);
    this.#stored += image.bytes;
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#stored -= this.#images.get(key)?.bytes ?? 0;
      this.#images.delete(key);
      this.#leaving.delete(key);
    }
  }

  /** Starts the leave of all that is expired. */
  expire(now: number): readonly string[] {
    return this.#lead(chooseEvictions(this.#all(), { bytes: 0, now, isHeld: this.#isHeld }) ?? []);
  }

  #makeRoom(bytes: number, now: number): readonly string[] | undefined {
    const missing = this.#stored + this.#claimed + bytes - this.#maxBytes;
    // Reserved room is never refused, not even when other processes have filled the storage beyond the limit meanwhile.
    const isEasy = bytes === 0 || missing <= 0;
    const evicted = isEasy ? [] : chooseEvictions(this.#all(), { bytes: missing, now, isHeld: this.#isHeld });
    if (!evicted) return undefined;
    this.#claimed += bytes;
    return this.#lead(evicted);
  }

  #lead(images: readonly Holding[]): readonly string[] {
    const keys = images.map(({ key }) => key);
    this.forget(keys);
    for (const key of keys) this.#leaving.add(key);
    return keys;
  }

  #all(): readonly LedgerImage[] {
    return [...this.#images.values()];
  }

  #isHeld = ({ hold }: { readonly hold: string }): boolean =>
    this.#left.has(hold) || this.#foreignHolds.has(hold);
}
