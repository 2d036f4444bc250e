import { createHash } from "node:crypto";

import type { Principal } from "express-image-gateway";

/** Who the example knows: a principal with the capabilities its key grants. */
export interface Account extends Principal {
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Accounts by API key, from `key=principal:capability+capability,…`. Keys are looked up by digest, so that no comparison runs on
 * the key itself.
 *
 * @throws Error naming IMAGE_KEYS and the entry that is wrong
 */
export function readAccounts(text: string): (key: string) => Account | undefined {
  const accounts = new Map<string, Account>();
  for (const [index, entry] of text.split(",").entries()) {
    const [, key, id, capabilities] = /^([^\s=]+)=([^\s:]+):([\w+-]*)$/.exec(entry.trim()) ?? [];
    if (key === undefined || id === undefined || capabilities === undefined) {
      throw new Error(
        `IMAGE_KEYS: entry ${index + 1} is not of the form key=principal:capability+capability.`,
      );
    }
    accounts.set(digest(key), { id, capabilities: new Set(capabilities.split("+").filter(Boolean)) });
  }
  return (key) => accounts.get(digest(key));
}

const digest = (key: string): string => createHash("sha256").update(key).digest("hex");
