import { lstat, readdir, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../internal/ids";
import type { Ledger, LedgerImage } from "../ledger";
import type { Draft, Medium } from "../medium";
import { openDraft } from "./draft";
import { holdName, imageName, parseFileName } from "./file-name";
import { openImage } from "./open-image";
import { ifThere, orPathless, orStoreFull } from "./refusals";
import { hasEnded } from "./this-process";

/** How long a file without a living process that we know of is left alone after it was last touched. */
const ABANDONED_MS = 3_600_000;

/** A folder as a medium; other processes may use it at the same time. */
export class Folder implements Medium {
  readonly path: string;
  readonly #ledger: Ledger;
  /** Our own reservations. Each is a file too, so that no other process evicts what belongs to a job of ours. */
  readonly #holds = new Set<string>();
  #refreshing: Promise<void> | undefined;

  constructor(path: string, ledger: Ledger) {
    this.path = path;
    this.#ledger = ledger;
  }

  draft(): Promise<Draft> {
    return openDraft(this.path, newId(""));
  }

  remove(keys: readonly string[]): Promise<void> {
    return orPathless(async () => {
      for (const key of keys) await ifThere(unlink(join(this.path, imageName(key))));
    });
  }

  /** Fails where nothing can be written, so before an upstream is paid. */
  async hold(id: string): Promise<void> {
    this.#holds.add(id);
    await orStoreFull(() => writeFile(join(this.path, holdName(id)), "", { flag: "wx", mode: 0o600 }));
  }

  async unhold(id: string): Promise<void> {
    this.#holds.delete(id);
    await this.#tryToRemove(holdName(id));
  }

  /** Reads the folder anew and removes what crashes left there. Who comes while that is under way shares its result. */
  refresh(): Promise<void> {
    this.#refreshing ??= orStoreFull(() => this.#readFolder()).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #readFolder(): Promise<void> {
    // Before the folder is read: what is stored meanwhile is in the ledger, and not yet in the list.
    const known = this.#ledger.keys;
    const own = new Set(this.#holds);
    const found = new Set<string>();
    const learned: LedgerImage[] = [];
    const foreignHolds: string[] = [];
    for (const name of await readdir(this.path)) {
      const file = parseFileName(name);
      if (file?.kind === "image") {
        found.add(file.key);
        if (!this.#ledger.has(file.key)) learned.push(...(await this.#examine(file.key)));
        continue;
      }
      if (!file || own.has(file.id) || this.#holds.has(file.id)) continue;
      if (hasEnded(file.mark) || (await this.#isAbandoned(name))) await this.#tryToRemove(name);
      else if (file.kind === "hold") foreignHolds.push(file.id);
    }
    this.#ledger.forget(known.filter((key) => !found.has(key)));
    this.#ledger.setForeignHolds(foreignHolds);
    // Only now, together with the holds: an image that is known and looks free could be evicted at any moment.
    for (const image of learned) this.#ledger.add(image);
    const now = new Date();
    await Promise.allSettled([...this.#holds].map((id) => utimes(join(this.path, holdName(id)), now, now)));
  }

  /** What the ledger has to know of an image that another process wrote; removes what is none and never will be. */
  async #examine(key: string): Promise<readonly LedgerImage[]> {
    // One that cannot be opened, for now or by this user, is no reason to do without the others.
    const opened = await openImage(this.path, key).catch(() => "unreadable" as const);
    if (opened === "unreadable") return [];
    if (opened) {
      await opened.handle.close();
      return [{ ...opened.image, owner: opened.owner, hold: opened.hold }];
    }
    // A whole image gets its name only at the end: this one lost its bytes in a crash of the machine.
    const name = imageName(key);
    if (await this.#isAbandoned(name)) await this.#tryToRemove(name);
    return [];
  }

  /** What cannot be removed now is found again by the next refresh. */
  async #tryToRemove(name: string): Promise<void> {
    await Promise.allSettled([unlink(join(this.path, name))]);
  }

  async #isAbandoned(name: string): Promise<boolean> {
    const stats = await lstat(join(this.path, name)).catch(() => undefined);
    return stats?.isFile() === true && Date.now() - stats.mtimeMs > ABANDONED_MS;
  }
}
