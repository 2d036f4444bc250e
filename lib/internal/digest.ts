import { createHash } from "node:crypto";

/**
 * Digest of a list of texts, 43 URL-safe characters. Lengths are part of what is hashed, so that
 * `["a", "bc"]` and `["ab", "c"]` differ.
 */
export function digest(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = Buffer.from(part, "utf8");
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("base64url");
}
