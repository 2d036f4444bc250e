import { createHmac, timingSafeEqual } from "node:crypto";
import type { ImageType } from "../../ports";

export interface SigningKey {
  /** Named in the link: 1–32 characters of `A–Z a–z 0–9 _ -`. */
  readonly id: string;
  /** At least 32 bytes. */
  readonly secret: string | Uint8Array;
}

export interface LinkFacts {
  /** Key of the stored image. */
  readonly key: string;
  readonly contentType: ImageType;
  /** Epoch milliseconds; links end at whole seconds. */
  readonly expiresAt: number;
}

export type LinkVerdict =
  | { readonly status: "good"; readonly contentType: string }
  | { readonly status: "expired" | "bad" };

export interface LinkSigner {
  /** The query of a signed link, without `?`. */
  sign(facts: LinkFacts): string;
  /** @param query the raw query, without `?` */
  verify(key: string, query: string, now: number): LinkVerdict;
}

/** Each parameter once, in this order, and nothing else: one link has one spelling. */
const QUERY = /^exp=(\d{1,12})&kid=([A-Za-z0-9_-]{1,32})&type=([a-z]{3,4})&sig=([A-Za-z0-9_-]{43})$/;

/**
 * Signs image links with HMAC-SHA-256 over version, key id, image key, end, type and disposition. The first key signs, all
 * verify: put a new one in front, and remove an old one to end its links.
 */
export function createLinkSigner(keys: readonly [SigningKey, ...SigningKey[]]): LinkSigner {
  const ring = new Map(keys.map((key) => [key.id, Buffer.from(key.secret)]));
  const [current] = keys;

  const mac = (kid: string, secret: Uint8Array, key: string, exp: string, type: string): string =>
    createHmac("sha256", secret)
      .update(["v1", kid, key, exp, `image/${type}`, "inline"].join("\n"))
      .digest("base64url");

  return {
    sign({ key, contentType, expiresAt }) {
      const exp = String(Math.floor(expiresAt / 1000));
      const type = contentType.slice("image/".length);
      const sig = mac(current.id, Buffer.from(current.secret), key, exp, type);
      return `exp=${exp}&kid=${current.id}&type=${type}&sig=${sig}`;
    },

    verify(key, query, now) {
      const [, exp = "", kid = "", type = "", sig = ""] = QUERY.exec(query) ?? [];
      const secret = ring.get(kid);
      if (secret === undefined) return { status: "bad" };
      // The text is compared, not its bytes: the last character of base64 has spare bits, so four spellings decode alike.
      const given = Buffer.from(sig);
      const wanted = Buffer.from(mac(kid, secret, key, exp, type));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { status: "bad" };
      if (Number(exp) * 1000 <= now) return { status: "expired" };
      return { status: "good", contentType: `image/${type}` };
    },
  };
}
