import assert from "node:assert/strict";
import { MIB } from "../../internal/byte-sizes";

import {
  asImage,
  assertSameBytes,
  calm,
  collect,
  inChunks,
  pattern,
  readBytes,
  reserve,
  type StoreTest,
  thenHang,
  store as write,
} from "./bench";

async function* thenFail(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw error;
}

export const writingTests: readonly StoreTest[] = [
  {
    title: "3: a source that fails rejects the write with its own error",
    async run({ store }) {
      const error = new Error("the source has failed");
      const reservation = await reserve(store, 1_000);
      await assert.rejects(
        reservation.write(asImage(thenFail(pattern(500), error))),
        (reason) => reason === error,
      );
      await reservation.release();
    },
  },
  {
    title: "3: what a failed source had sent takes no room",
    maxBytes: 1_000,
    async run({ store }) {
      const reservation = await reserve(store, 1_000);
      await assert.rejects(reservation.write(asImage(thenFail(pattern(900), new Error("failed")))));
      const bytes = pattern(1_000);
      const { key } = await reservation.write(asImage(inChunks(bytes)));
      await reservation.release();
      assertSameBytes(await readBytes(store, key), bytes);
    },
  },
  {
    title: "3: an abort ends a write at once with its reason, even while the source hangs",
    async run({ store, soon }) {
      const reason = new Error("the caller has left");
      const controller = new AbortController();
      const reservation = await reserve(store, 1_000);
      const source = thenHang(pattern(500), () => controller.abort(reason));
      const writing = reservation.write(asImage(source, controller.signal));
      await assert.rejects(soon(writing), (error) => error === reason);
      await reservation.release();
    },
  },
  {
    title: "3: what an aborted write had taken is free again",
    maxBytes: 1_000,
    async run({ store, soon }) {
      const controller = new AbortController();
      const reservation = await reserve(store, 1_000);
      const source = thenHang(pattern(900), () => controller.abort());
      await assert.rejects(soon(reservation.write(asImage(source, controller.signal))));
      await reservation.write(asImage(inChunks(pattern(1_000))));
      await reservation.release();
    },
  },
  {
    title: "3: nothing is written once the signal has aborted",
    async run({ store }) {
      const reason = new Error("the caller has left");
      const reservation = await reserve(store, 1_000);
      const writing = reservation.write(asImage(inChunks(pattern(10)), AbortSignal.abort(reason)));
      await assert.rejects(writing, (error) => error === reason);
      await reservation.release();
    },
  },
  {
    title: "7: writers at the same time do not mix their bytes",
    maxBytes: 8_000_000,
    async run({ store }) {
      const contents = Array.from({ length: 8 }, (_, nth) => pattern(100_000 + nth, nth + 1));
      const images = await Promise.all(contents.map((bytes) => write(store, bytes)));
      for (const [nth, bytes] of contents.entries()) {
        assertSameBytes(await readBytes(store, images[nth]?.key ?? ""), bytes);
      }
    },
  },
  {
    title: "7: a source is asked for one chunk at a time",
    async run({ store }) {
      const reservation = await reserve(store, 100_000);
      const { source, mostAtOnce } = countingSource(pattern(100_000));
      await reservation.write(asImage(source));
      await reservation.release();
      assert.equal(mostAtOnce(), 1);
    },
  },
  {
    title: "7: a big image is handed out in pieces of at most 1 MiB",
    maxBytes: 4 * MIB,
    async run({ store }) {
      const { key } = await write(store, pattern(4 * MIB));
      const found = await store.read(key, { signal: calm() });
      assert.ok(found);
      for await (const piece of found.body)
        assert.ok(piece.length <= MIB, `a piece of ${piece.length} bytes`);
    },
  },
  {
    title: "7: what a reader does with its bytes changes nothing for others",
    async run({ store }) {
      const bytes = pattern(100_000);
      const { key } = await write(store, bytes);
      (await readBytes(store, key)).fill(0);
      const found = await store.read(key, { signal: calm() });
      assert.ok(found);
      for await (const piece of found.body) piece.fill(0);
      assertSameBytes(await readBytes(store, key), bytes);
    },
  },
  {
    title:
      "7: a reader who has begun is not disturbed by writers, by deletes of other images or by the eviction of this one",
    maxBytes: 1_000_000,
    async run({ store, time }) {
      const bytes = pattern(500_000);
      const { key } = await write(store, bytes);
      const found = await store.read(key, { signal: calm() });
      assert.ok(found);
      const iterator = found.body[Symbol.asyncIterator]();
      const { value } = await iterator.next();
      assert.ok(value);
      time.now += 1;
      const other = await write(store, pattern(500_000, 2));
      await store.delete([other.key]);
      await (await reserve(store, 1_000_000)).release();
      assert.equal(await store.stat(key), undefined);
      const rest = await collect({ [Symbol.asyncIterator]: () => iterator });
      assertSameBytes(Buffer.concat([value, rest]), bytes);
    },
  },
];

/** Counts how many chunks are asked for before an earlier one was given. */
function countingSource(bytes: Uint8Array) {
  let asked = 0;
  let most = 0;
  const inner = inChunks(bytes);
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        asked += 1;
        most = Math.max(most, asked);
        const step = await inner.next();
        asked -= 1;
        return step;
      },
    }),
  };
  return { source, mostAtOnce: () => most };
}
