import fc from "fast-check";

import { digest } from "../../lib/internal/digest";

describe("digest", () => {
  it("is 43 URL-safe characters, the same each time", () => {
    expect(digest("a", "b")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(digest("a", "b")).toBe(digest("a", "b"));
  });

  it("tells lists apart that would look alike when joined", () => {
    const lists = [[], [""], ["", ""], ["a", "bc"], ["ab", "c"], ["abc"], ["1:a"], ["a", "1:b"], ["a1:b"]];
    expect(new Set(lists.map((list) => digest(...list))).size).toBe(lists.length);
  });

  it("tells texts apart that UTF-8 cannot", () => {
    expect(new Set(["\ud800", "\ud801", "\udc00", "\ufffd"].map((text) => digest(text))).size).toBe(4);
  });

  it("differs for different lists", () => {
    const list = fc.array(fc.string({ unit: "binary", maxLength: 5 }), { maxLength: 3 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(digest(...a) === digest(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});
