import { MIB } from "../../internal/byte-sizes";
import type { ImageStore, StoredImage } from "../../ports";
import { Ledger } from "../ledger";
import { type LimitOptions, type Limits, resolveLimits } from "../limits";
import type { Medium } from "../medium";
import { rangeWithin } from "../range";
import { closedError, Reservations } from "../reservations";
import { Blocks } from "./blocks";

export interface MemoryStoreOptions extends LimitOptions {
  /** @default 3600 */
  readonly ttlSeconds?: number;
  /** @default 268_435_456 (256 MiB) */
  readonly maxBytes?: number;
}

/**
 * An image store in the memory of this process: for tests and for a single process whose images may end with it.
 *
 * @throws TypeError for options that cannot be
 */
export function memoryStore(options: MemoryStoreOptions = {}): ImageStore {
  const known = ["ttlSeconds", "maxBytes", "clock"];
  return new MemoryStore(resolveLimits("memoryStore", options, { known, maxBytes: 256 * MIB }));
}

const SWEEP_MS = 60_000;

interface Kept {
  readonly image: StoredImage;
  readonly blocks: Blocks;
}

class MemoryStore implements ImageStore {
  readonly isPrivate = true;
  readonly #limits: Limits;
  readonly #images = new Map<string, Kept>();
  readonly #ledger: Ledger;
  readonly #reservations: Reservations;
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(limits: Limits) {
    const { maxBytes, clock, ttlSeconds } = limits;
    this.#limits = limits;
    this.#ledger = new Ledger(maxBytes);
    this.#reservations = new Reservations({
      ledger: this.#ledger,
      medium: mediumOf(this.#images),
      clock,
      ttlSeconds,
    });
    this.#timer = setInterval(() => void this.#reservations.sweep(), SWEEP_MS).unref();
  }

  reserve(request: Parameters<ImageStore["reserve"]>[0]): ReturnType<ImageStore["reserve"]> {
    return this.#reservations.reserve(request);
  }

  async stat(key: string): Promise<StoredImage | undefined> {
    return this.#find(key)?.image;
  }

  async read(
    key: string,
    { range, signal }: Parameters<ImageStore["read"]>[1],
  ): ReturnType<ImageStore["read"]> {
    signal.throwIfAborted();
    const kept = this.#find(key);
    if (!kept) return undefined;
    const { image, blocks } = kept;
    return { image, body: blocks.read(rangeWithin(image, range), signal) };
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    for (const key of keys) this.#images.delete(key);
    this.#ledger.forget(keys);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #find(key: string): Kept | undefined {
    if (this.#closing !== undefined) throw closedError();
    const kept = this.#images.get(key);
    return kept && kept.image.expiresAt > this.#limits.clock() ? kept : undefined;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reservations.close();
    this.#images.clear();
  }
}

function mediumOf(images: Map<string, Kept>): Medium {
  return {
    async draft() {
      const blocks = new Blocks();
      return {
        append(chunk) {
          blocks.append(chunk);
          return undefined;
        },
        async commit(image) {
          blocks.trim();
          images.set(image.key, { image, blocks });
        },
        // Nobody else knows of the blocks.
        discard: async () => {},
      };
    },
    async remove(keys) {
      for (const key of keys) images.delete(key);
    },
  };
}
