import { randomBytes } from "node:crypto";
import fc from "fast-check";

import { createLinkSigner, type SigningKey } from "../../../lib/core/pictures/signed-links";

const KEY = "k".repeat(32);
const END = 2_000_000;
const one: SigningKey = { id: "one", secret: "1".repeat(32) };
const two: SigningKey = { id: "two", secret: Buffer.alloc(32, 2) };

const signer = createLinkSigner([one]);
const facts = { key: KEY, contentType: "image/webp", expiresAt: END * 1000 } as const;
const query = signer.sign(facts);
const good = { status: "good", contentType: "image/webp" };
const verify = (text: string, key = KEY, now = 0) => signer.verify(key, text, now);

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("createLinkSigner", () => {
  it("takes its own link, with each parameter once and in order", () => {
    expect(query).toMatch(/^exp=2000000&kid=one&type=webp&sig=[\w-]{43}$/);
    expect(verify(query)).toEqual(good);
  });

  it("ends a link at its second, and not one millisecond earlier", () => {
    expect(verify(query, KEY, END * 1000 - 1)).toEqual(good);
    expect(verify(query, KEY, END * 1000)).toEqual({ status: "expired" });
    const late = signer.sign({ ...facts, expiresAt: END * 1000 + 999 });
    expect(verify(late, KEY, END * 1000)).toEqual({ status: "expired" });
  });

  it("says bad rather than expired of a forged link", () => {
    expect(verify(query.replace("one", "two"), KEY, END * 2000)).toEqual({ status: "bad" });
    expect(verify(query.replace("webp", "png"), KEY, END * 2000)).toEqual({ status: "bad" });
  });

  it("refuses a link carried over to another picture", () => {
    expect(verify(query, `${KEY}x`)).toEqual({ status: "bad" });
    expect(verify(query, KEY.toUpperCase())).toEqual({ status: "bad" });
    expect(verify(query, "")).toEqual({ status: "bad" });
    expect(verify(query, `${KEY}\n${END}`)).toEqual({ status: "bad" });
  });

  it("has one spelling: no order, repetition, addition or encoding but its own", () => {
    const parts = query.split("&");
    const [exp = "", kid = "", type = "", sig = ""] = parts;
    const spellings = [
      "",
      [kid, exp, type, sig].join("&"),
      [exp, kid, sig, type].join("&"),
      [...parts, exp].join("&"),
      [exp, ...parts].join("&"),
      [exp, kid, type].join("&"),
      `${query}&`,
      `&${query}`,
      `?${query}`,
      `${query}&x=1`,
      `${query}=`,
      `${query}\n`,
      `${query}%00`,
      query.replace("exp=", "exp=0"),
      query.replace("exp=", "exp=+"),
      query.replace("exp=", "EXP="),
      query.replace("exp=", "e%78p="),
      query.replace("&", "&amp;"),
      query.replace("&", ";"),
      query.replace("webp", "WEBP"),
      query.replace("webp", "svg"),
    ];
    for (const spelling of spellings)
      expect([spelling, verify(spelling)]).toEqual([spelling, { status: "bad" }]);
  });

  it("refuses every other last character of the signature, spare bits or not", () => {
    for (const last of BASE64URL) {
      const spelling = query.slice(0, -1) + last;
      expect(verify(spelling)).toEqual(spelling === query ? good : { status: "bad" });
    }
  });

  it("refuses any change anywhere", () => {
    const change = fc.record({
      at: fc.nat({ max: query.length - 1 }),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.string({ maxLength: 3, unit: "binary-ascii" }),
    });
    fc.assert(
      fc.property(change, ({ at, remove, insert }) => {
        const changed = query.slice(0, at) + insert + query.slice(at + remove);
        fc.pre(changed !== query);
        expect(verify(changed)).toEqual({ status: "bad" });
      }),
      { numRuns: 2000 },
    );
  });

  it("signs with the first key and verifies with all, until one is removed", () => {
    const rotated = createLinkSigner([two, one]);
    expect(rotated.sign(facts)).toContain("kid=two");
    expect(rotated.verify(KEY, rotated.sign(facts), 0)).toEqual(good);
    expect(rotated.verify(KEY, query, 0)).toEqual(good);
    expect(signer.verify(KEY, rotated.sign(facts), 0)).toEqual({ status: "bad" });
    expect(createLinkSigner([two]).verify(KEY, query, 0)).toEqual({ status: "bad" });
  });

  it("does not take a link signed with another secret under the same name", () => {
    const other = createLinkSigner([{ id: "one", secret: randomBytes(32) }]);
    expect(signer.verify(KEY, other.sign(facts), 0)).toEqual({ status: "bad" });
  });

  it("binds the type, so that a picture is served as what it was signed as", () => {
    for (const type of ["png", "jpeg", "webp", "gif", "avif"] as const) {
      const signed = signer.sign({ ...facts, contentType: `image/${type}` });
      expect(verify(signed)).toEqual({ status: "good", contentType: `image/${type}` });
    }
  });
});
