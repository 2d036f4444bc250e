import { randomBytes } from "node:crypto";
import type { SigningKey } from "../core/pictures/signed-links";
import type { LinkOptions } from "./link-options";
import { checkNames, checkWhole, fail, isRecord } from "./options-check";

export interface ResolvedLinks extends Required<Omit<LinkOptions, "keys">> {
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  /** No keys were given: links end with the process. */
  readonly areKeysRandom: boolean;
}

/** @throws TypeError naming the option and the remedy */
export function checkLinks(given: LinkOptions): ResolvedLinks {
  checkNames(given, ["keys", "ttlSeconds", "crossOriginResourcePolicy"], "links");
  const { keys, ttlSeconds = 3600, crossOriginResourcePolicy = "cross-origin" } = given;
  checkWhole("links.ttlSeconds", ttlSeconds, 1, "seconds");
  if (!["same-origin", "same-site", "cross-origin"].includes(crossOriginResourcePolicy)) {
    fail("links.crossOriginResourcePolicy", "must be 'same-origin', 'same-site' or 'cross-origin'");
  }
  return {
    ttlSeconds,
    crossOriginResourcePolicy,
    keys: keys === undefined ? [{ id: "run", secret: randomBytes(32) }] : checkKeys(keys),
    areKeysRandom: keys === undefined,
  };
}

function checkKeys(keys: unknown): readonly [SigningKey, ...SigningKey[]] {
  if (!Array.isArray(keys)) return fail("links.keys", "must be an array of { id, secret }");
  const [first, ...others] = keys.map(checkKey);
  if (first === undefined)
    return fail("links.keys", "is empty: give at least one key, or leave it out for a random one");
  const ids = [first, ...others].map(({ id }) => id);
  if (new Set(ids).size < ids.length) fail("links.keys", "holds two keys with the same id");
  return [first, ...others];
}

/** A copy: what becomes of the host's object later does not change the links. */
function checkKey(key: unknown): SigningKey {
  const { id, secret } = isRecord(key) ? key : {};
  if (typeof id !== "string" || !/^[\w-]{1,32}$/.test(id))
    return fail("links.keys", "holds a key whose id is not 1 to 32 characters of A-Z, a-z, 0-9, - and _");
  if (typeof secret !== "string" && !(secret instanceof Uint8Array))
    return fail("links.keys", `needs secrets that are texts or bytes; that of '${id}' is neither`);
  const bytes = Buffer.from(secret);
  if (bytes.length < 32)
    return fail("links.keys", `needs secrets of at least 32 bytes; that of '${id}' is shorter`);
  return { id, secret: bytes };
}
