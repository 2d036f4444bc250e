import type { ImageType } from "../../../lib/ports";
import { keyOf, newKey, objectName, parseKey } from "../../../lib/stores/s3/image-name";

const facts = (expiresAt: number, contentType: ImageType = "image/png") => ({
  contentType,
  width: 1,
  height: 1,
  createdAt: 0,
  expiresAt,
});

describe("a key", () => {
  it.each<ImageType>(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"])(
    "tells that its image is %s, and when that ends",
    (contentType) => {
      expect(parseKey(newKey(facts(1_795_850_192_870, contentType)))).toEqual({
        contentType,
        expiresAt: 1_795_850_192_870,
      });
    },
  );

  it("sorts by the end of its image, as bytes do", () => {
    const ends = [
      0,
      35,
      36,
      1_000_000,
      Date.UTC(2026, 0),
      Date.UTC(2026, 0) + 1,
      Date.UTC(2059, 5),
      Date.UTC(5000, 0),
    ];
    const keys = ends.map((end) => newKey(facts(end)));
    expect([...keys].sort()).toEqual(keys);
  });

  it("differs from any other and cannot be guessed", () => {
    const keys = Array.from({ length: 1_000 }, () => newKey(facts(1_000)));
    const random = keys.map((key) => key.slice(10));
    expect(new Set(random).size).toBe(1_000);
    for (const part of random) expect(part).toMatch(/^[\w-]{32}$/);
  });

  it("rounds a fraction of a millisecond up, so that nothing ends early", () => {
    expect(parseKey(newKey(facts(1_000.25)))?.expiresAt).toBe(1_001);
  });

  it.each([
    ["", "empty"],
    ["0mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJ", "a sign short"],
    ["0mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJLx", "a sign long"],
    ["0MX0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL", "in capitals"],
    ["0mx0546kixuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL", "of no type"],
    ["0mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQ/L", "with a slash"],
    ["0mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL\n", "with a line's end"],
    ["__proto__pBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL0", "with another's name"],
  ])("is not %j: %s", (key) => {
    expect(parseKey(key)).toBeUndefined();
  });
});

describe("the name of an object", () => {
  it("leads back to its key, under its own prefix only", () => {
    const key = newKey(facts(1_000));
    expect(keyOf("a/", objectName("a/", key))).toBe(key);
    expect(keyOf("b/", objectName("a/", key))).toBeUndefined();
    expect(keyOf("", objectName("a/", key))).toBeUndefined();
    expect(keyOf("a/", `a/${key}`)).toBeUndefined();
    expect(keyOf("a/", `a/eig-${key}.png`)).toBeUndefined();
  });
});
