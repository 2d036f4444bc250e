import { createHash } from "node:crypto";

/**
 * Digest of a list of texts, 43 URL-safe characters. Lengths are part of what is hashed, so that
 * `["a", "bc"]` and `["ab", "c"]` differ.
 */
export function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    // UTF-16, because UTF-8 has one replacement for all halves of surrogate pairs: different texts would look alike.
    const bytes = Buffer.from(part, "utf16le");
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("base64url");
}
