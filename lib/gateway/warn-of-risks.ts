import type { Logger, Principal } from "../ports";
import type { ResolvedOptions } from "./options";

/** Says once, at mount, what a host may not have meant. */
export function warnOfRisks<P extends Principal>(
  { links, store }: Pick<ResolvedOptions<P>, "links" | "store">,
  isOpen: boolean,
  log: Logger,
): void {
  if (isOpen) {
    log.warn(
      {},
      "option 'authenticate' is false: whoever reaches the image router may generate; protect the route, or give a function",
    );
  }
  // A store that was given may outlive the process or be shared; the embedded one ends with it, as its links do.
  if (links.areKeysRandom && store !== undefined && store.link === undefined) {
    log.info(
      {},
      "option 'links.keys' is not set: image links are signed with a random key, end with this process and are not valid in another",
    );
  }
}
