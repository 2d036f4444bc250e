import type { ImageStore, Principal, ProviderRegistry } from "../ports";
import type { LinkOptions } from "./link-options";
import { fail } from "./options-check";

/**
 * What a queue needs whose jobs run in other processes than the one that took the request: they meet in the store, at the links and at
 * the providers.
 *
 * @throws TypeError naming the option and the remedy
 */
export function checkShared<P extends Principal>(options: {
  readonly store?: ImageStore;
  readonly links?: LinkOptions;
  readonly providers: object | ProviderRegistry<P>;
}): void {
  const place = "diskStore({ directory }) in a folder that all of them share, or s3ImageStore({ bucket })";
  if (options.store === undefined) {
    fail("store", `is required with jobs that other processes work on: ${place}`);
  }
  if (options.store.isPrivate === true) {
    fail("store", `is private to this process, but other processes work on its jobs: use ${place}`);
  }
  // A store that signs its own links needs no keys of ours.
  if (options.store.link === undefined && options.links?.keys === undefined) {
    fail(
      "links.keys",
      "is required with jobs that other processes work on: the same keys in all of them, or their links lead nowhere",
    );
  }
  const { providers } = options;
  if ("candidates" in providers && typeof providers.provider !== "function") {
    fail(
      "providers",
      "needs the method provider(id) with jobs that other processes work on: it finds there what candidates() gave here",
    );
  }
}
