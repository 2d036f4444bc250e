import { hash } from "node:crypto";

/**
 * Digest of a list of texts, 43 URL-safe characters. Lengths are part of what is hashed, so that
 * `["a", "bc"]` and `["ab", "c"]` differ.
 */
export function digest(...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join("");
  // UTF-16, because UTF-8 has one replacement for all halves of surrogate pairs: different texts would look alike.
  return hash("sha256", Buffer.from(text, "utf16le"), "base64url");
}
