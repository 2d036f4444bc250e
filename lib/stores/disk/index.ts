import { rm } from "node:fs/promises";
import { GIB } from "../../internal/byte-sizes";
import { digest } from "../../internal/digest";
import type { ImageStore, Logger, StoredImage } from "../../ports";
import { isImageKey } from "../image-key";
import { Ledger } from "../ledger";
import { type LimitOptions, type Limits, resolveLimits } from "../limits";
import { closedError, Reservations } from "../reservations";
import { Sweeping } from "../sweeping";
import { fileBody } from "./body";
import { Folder } from "./folder";
import { type OpenImage, openImage } from "./open-image";
import { makePrivateFolder, prepareGivenFolder } from "./prepare-folder";
import { orPathless } from "./refusals";

export interface DiskStoreOptions extends LimitOptions {
  /**
   * Where the images lie. It is made where there is none, is kept when the store closes, and several processes may share it.
   *
   * @default a private folder in the system's temp folder, removed when the store closes
   */
  readonly directory?: string;
  /** @default 3600 */
  readonly ttlSeconds?: number;
  /**
   * Exact within one process. Processes that share a folder learn of each other's images once a minute and before they
   * refuse; what the others have reserved but not yet written they do not count.
   *
   * @default 1_073_741_824 (1 GiB)
   */
  readonly maxBytes?: number;
  /** Hears of sweeps that failed. */
  readonly logger?: Logger;
}

/**
 * An image store in a folder. A body that `read` handed out keeps its file open until it is read to its end or left, until
 * the signal of that `read` aborts, or until the store closes.
 *
 * @throws TypeError for options that cannot be; `ready` rejects where the folder cannot be used
 */
export function diskStore(options: DiskStoreOptions = {}): ImageStore {
  const known = ["directory", "ttlSeconds", "maxBytes", "clock", "logger"];
  const limits = resolveLimits("diskStore", options, { known, maxBytes: GIB });
  const { directory, logger } = options;
  if (directory !== undefined && (typeof directory !== "string" || !/^[^\0]+$/.test(directory))) {
    throw new TypeError(
      'diskStore: option "directory" must be the path of a folder; leave it out for a private one.',
    );
  }
  return new DiskStore({ ...limits, directory, logger });
}

interface Opened {
  readonly folder: Folder;
  readonly ledger: Ledger;
  readonly reservations: Reservations;
  readonly sweeping: Sweeping;
}

interface Settings extends Limits {
  readonly directory: string | undefined;
  readonly logger: Logger | undefined;
}

class DiskStore implements ImageStore {
  readonly isPrivate: boolean;
  readonly #settings: Settings;
  #opening: Promise<Opened> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.isPrivate = settings.directory === undefined;
  }

  async ready(): Promise<void> {
    await this.#opened();
  }

  async reserve(request: Parameters<ImageStore["reserve"]>[0]): ReturnType<ImageStore["reserve"]> {
    const { reservations } = await this.#opened();
    // Hashed, so that it has a known length and nothing of the host's gets into the folder.
    return reservations.reserve({ ...request, owner: digest(request.owner) });
  }

  async stat(key: string): Promise<StoredImage | undefined> {
    const { folder } = await this.#opened();
    const opened = await this.#openImage(folder, key);
    await opened?.handle.close();
    return opened?.image;
  }

  async read(
    key: string,
    { range, signal }: Parameters<ImageStore["read"]>[1],
  ): ReturnType<ImageStore["read"]> {
    const { folder, reservations } = await this.#opened();
    const work = reservations.join(signal);
    let opened: OpenImage | undefined;
    try {
      opened = await this.#openImage(folder, key);
      work.signal.throwIfAborted();
      // From here on the body closes the file.
      if (opened) return { image: opened.image, body: fileBody(opened, range, work) };
    } catch (error) {
      await opened?.handle.close();
      work.leave();
      throw error;
    }
    work.leave();
    return undefined;
  }

  async delete(keys: readonly string[]): Promise<void> {
    const { folder, ledger } = await this.#opened();
    const possible = keys.filter(isImageKey);
    await folder.remove(possible);
    ledger.forget(possible);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #openImage(folder: Folder, key: string): Promise<OpenImage | undefined> {
    if (!isImageKey(key)) return undefined;
    const opened = await orPathless(() => openImage(folder.path, key));
    if (!opened || opened.image.expiresAt > this.#settings.clock()) return opened;
    await opened.handle.close();
    return undefined;
  }

  #opened(): Promise<Opened> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Opened> {
    const { directory, maxBytes, clock, ttlSeconds } = this.#settings;
    const path = directory === undefined ? await makePrivateFolder() : await prepareGivenFolder(directory);
    const ledger = new Ledger(maxBytes);
    const folder = new Folder(path, ledger);
    const reservations = new Reservations({ ledger, medium: folder, clock, ttlSeconds });
    await reservations.sweep();
    const sweeping = new Sweeping(() => reservations.sweep(), this.#settings.logger);
    return { folder, ledger, reservations, sweeping };
  }

  async #close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    if (!opened) return;
    await Promise.all([opened.reservations.close(), opened.sweeping.stop()]);
    if (this.#settings.directory !== undefined) return;
    await orPathless(() => rm(opened.folder.path, { recursive: true, force: true }));
  }
}
