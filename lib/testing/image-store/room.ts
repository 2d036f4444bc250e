import assert from "node:assert/strict";

import type { ImageStore } from "../../ports";

import { StoreFullError } from "../../ports";
import {
  asImage,
  calm,
  inChunks,
  isThere,
  pattern,
  reserve,
  type StoreTest,
  TTL_SECONDS,
  store as write,
} from "./bench";

const assertFull = (store: ImageStore, bytes: number): Promise<void> =>
  assert.rejects(reserve(store, bytes, "late"), (error) => StoreFullError.is(error));

/** Only a reservation that is given makes room; it is released at once. */
const makeRoom = async (store: ImageStore, bytes: number): Promise<void> =>
  (await reserve(store, bytes, "late")).release();

export const roomTests: readonly StoreTest[] = [
  {
    title: "4: an image tells that it ends ttl after it was written",
    async run({ store, time }) {
      const begun = time.now;
      const reservation = await reserve(store, 100);
      const source = async function* () {
        yield pattern(50);
        time.now += 5_000;
        yield pattern(50);
      };
      const { createdAt, expiresAt } = await reservation.write(asImage(source()));
      await reservation.release();
      assert.ok(createdAt >= begun && createdAt <= time.now);
      assert.equal(expiresAt - createdAt, TTL_SECONDS * 1000);
    },
  },
  {
    title: "4: an image is there up to the last millisecond of its ttl",
    async run({ store, time }) {
      const image = await write(store, pattern(100));
      time.now = image.expiresAt - 1;
      assert.equal(await isThere(store, image), true);
      assert.ok(await store.read(image.key, { signal: calm() }));
    },
  },
  {
    title: "4: an image is gone when its ttl is over",
    async run({ store, time }) {
      const image = await write(store, pattern(100));
      time.now = image.expiresAt;
      assert.equal(await isThere(store, image), false);
      assert.equal(await store.read(image.key, { signal: calm() }), undefined);
    },
  },
  {
    title: "6: expired images go before any other",
    maxBytes: 100,
    async run({ store, time }) {
      await write(store, pattern(30), "small");
      time.now += 1_000;
      const fresh = await write(store, pattern(60), "big");
      time.now += TTL_SECONDS * 1000 - 500;
      await makeRoom(store, 40);
      assert.equal(await isThere(store, fresh), true);
    },
  },
  {
    title: "6: then the oldest of the owner who holds most go, one by one",
    maxBytes: 100,
    async run({ store, time }) {
      const write1 = async (bytes: number, owner: string) => {
        time.now += 1_000;
        return write(store, pattern(bytes), owner);
      };
      const small = await write1(30, "small");
      const bigFirst = await write1(20, "big");
      const bigSecond = await write1(25, "big");
      const bigThird = await write1(25, "big");
      await makeRoom(store, 15);
      assert.deepEqual(await present(store, [small, bigFirst, bigSecond, bigThird]), [
        true,
        false,
        true,
        true,
      ]);
      // 50 of the one, 30 of the other: still the same owner, and then no longer.
      await makeRoom(store, 60);
      assert.deepEqual(await present(store, [small, bigSecond, bigThird]), [false, false, true]);
    },
  },
  {
    title: "6: an image under a held reservation stays, and goes once it is released",
    maxBytes: 100,
    async run({ store }) {
      const reservation = await reserve(store, 60);
      const held = await reservation.write(asImage(inChunks(pattern(60))));
      await assertFull(store, 50);
      assert.equal(await isThere(store, held), true);
      await reservation.release();
      await makeRoom(store, 50);
      assert.equal(await isThere(store, held), false);
    },
  },
  {
    title: "6: reserved room is not given twice",
    maxBytes: 100,
    async run({ store }) {
      const first = await reserve(store, 60);
      await assertFull(store, 41);
      const second = await reserve(store, 40);
      await first.release();
      await second.release();
    },
  },
  {
    title: "6: an image takes its room out of its reservation",
    maxBytes: 100,
    async run({ store }) {
      const reservation = await reserve(store, 100);
      const first = await reservation.write(asImage(inChunks(pattern(60))));
      const second = await reservation.write(asImage(inChunks(pattern(40))));
      assert.deepEqual(await present(store, [first, second]), [true, true]);
      await reservation.release();
    },
  },
  {
    title: "6: release gives back what was not used, once however often it is called",
    maxBytes: 100,
    async run({ store }) {
      const first = await reserve(store, 60);
      const second = await reserve(store, 40);
      await first.release();
      await first.release();
      await assertFull(store, 61);
      const third = await reserve(store, 60);
      await second.release();
      await third.release();
    },
  },
  {
    title: "6: more than the store may hold is refused",
    maxBytes: 100,
    async run({ store }) {
      await assertFull(store, 101);
      await makeRoom(store, 100);
    },
  },
];

const present = (store: ImageStore, images: Parameters<typeof isThere>[1][]): Promise<boolean[]> =>
  Promise.all(images.map((image) => isThere(store, image)));
