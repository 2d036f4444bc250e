import assert from "node:assert/strict";

import {
  asImage,
  assertSameBytes,
  calm,
  inChunks,
  isThere,
  pattern,
  readBytes,
  reserve,
  type StoreTest,
  store as write,
} from "./bench";

const UNKNOWN_KEY = "0123456789abcdefghijklmnopqrstuv";

const WRONG_KEYS = [
  "",
  "..",
  "../../../../etc/passwd",
  "%2e%2e%2f%2e%2e%2f%2e%2e%2fpasswd",
  "/etc/passwd/0123456789abcdef",
  "C:\\0123456789abcdefghijklmn",
  "0123456789abcdef\0ghijklmnop",
  "0123456789abcdef.ghijklmnop",
  "0123456789abcdef/ghijklmnop",
  "0123456789abcdefghijklmnop\n",
  "0123456789abcdefghijé",
  "a".repeat(21),
  "a".repeat(65),
  "a".repeat(10_240),
  "__proto__",
];

export const readingTests: readonly StoreTest[] = [
  {
    title: "1: the bytes come back at once as they were written, whatever their number and the chunks",
    async run({ store }) {
      for (const length of [1, 65_535, 65_536, 65_537, 200_000]) {
        const bytes = pattern(length, length);
        const reservation = await reserve(store, length);
        const image = await reservation.write(asImage(inChunks(bytes, 10_007)));
        assertSameBytes(await readBytes(store, image.key), bytes);
        await reservation.release();
      }
    },
  },
  {
    title: "1: write, stat and read tell the same facts",
    async run({ store }) {
      const image = await write(store, pattern(1_000));
      const { key, contentType, bytes, width, height } = image;
      assert.deepEqual([contentType, bytes, width, height], ["image/png", 1_000, 640, 480]);
      assert.deepEqual({ ...(await store.stat(key)) }, { ...image });
      assert.deepEqual({ ...(await store.read(key, { signal: calm() }))?.image }, { ...image });
    },
  },
  {
    title: "1: keys have the promised form and differ",
    async run({ store }) {
      const keys = new Set<string>();
      for (let nth = 0; nth < 20; nth++) keys.add((await write(store, pattern(10))).key);
      assert.equal(keys.size, 20);
      for (const key of keys) assert.match(key, /^[A-Za-z0-9_-]{22,64}$/);
    },
  },
  {
    title: "1: another instance on the same storage reads what this one wrote",
    needsAnother: true,
    async run({ store, another }) {
      const other = await another?.();
      assert.ok(other);
      const bytes = pattern(100_000);
      const image = await write(store, bytes);
      assert.deepEqual({ ...(await other.stat(image.key)) }, { ...image });
      assertSameBytes(await readBytes(other, image.key), bytes);
    },
  },
  {
    title: "2: an unknown key is undefined",
    async run({ store }) {
      assert.equal(await store.stat(UNKNOWN_KEY), undefined);
      assert.equal(await store.read(UNKNOWN_KEY, { signal: calm() }), undefined);
    },
  },
  {
    title: "2: a key of the wrong form is undefined",
    async run({ store }) {
      for (const key of WRONG_KEYS) {
        assert.equal(await store.stat(key), undefined);
        assert.equal(await store.read(key, { signal: calm() }), undefined);
      }
    },
  },
  {
    title: "2: a deleted image is undefined",
    async run({ store }) {
      const { key } = await write(store, pattern(10));
      await store.delete([key]);
      assert.equal(await store.stat(key), undefined);
      assert.equal(await store.read(key, { signal: calm() }), undefined);
    },
  },
  {
    title: "5: a range gives just its bytes, both ends included",
    async run({ store }) {
      const bytes = pattern(150_000);
      const { key } = await write(store, bytes);
      const ranges: readonly (readonly [number, number])[] = [
        [0, 0],
        [0, 149_999],
        [149_999, 149_999],
        [0, 65_535],
        [65_535, 65_536],
        [65_536, 131_071],
        [70_001, 140_002],
      ];
      for (const [start, end] of ranges) {
        assertSameBytes(await readBytes(store, key, { start, end }), bytes.slice(start, end + 1));
      }
    },
  },
  {
    title: "5: the facts beside a range are those of the whole image",
    async run({ store }) {
      const image = await write(store, pattern(1_000));
      const found = await store.read(image.key, { range: { start: 10, end: 19 }, signal: calm() });
      assert.deepEqual({ ...found?.image }, { ...image });
    },
  },
  {
    title: "8: to delete nothing, an unknown, a malformed or a deleted key is no error",
    async run({ store }) {
      const { key } = await write(store, pattern(10));
      await store.delete([key]);
      for (const keys of [[], [key], [UNKNOWN_KEY], WRONG_KEYS]) await store.delete(keys);
    },
  },
  {
    title: "8: delete takes each image it knows, whatever else it is given, and no other",
    async run({ store }) {
      const first = await write(store, pattern(10));
      const second = await write(store, pattern(10));
      const third = await write(store, pattern(10));
      await store.delete([UNKNOWN_KEY, first.key, "..", second.key]);
      assert.equal(await isThere(store, first), false);
      assert.equal(await isThere(store, second), false);
      assert.equal(await isThere(store, third), true);
    },
  },
];
