import type { SigningKey } from "../core/pictures/signed-links";

export interface LinkOptions {
  /** The first key signs, all verify. Default: one random key, so links end with the process. */
  readonly keys?: readonly SigningKey[];
  /** How long a link is good for, in seconds, at most as long as its picture is kept. Default 3600. */
  readonly ttlSeconds?: number;
  /** Which pages may embed the pictures. Default `cross-origin`: the signature is the protection. */
  readonly crossOriginResourcePolicy?: "same-origin" | "same-site" | "cross-origin";
}
