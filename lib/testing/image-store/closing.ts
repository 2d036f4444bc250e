import assert from "node:assert/strict";

import { asImage, calm, pattern, reserve, type StoreTest, thenHang, store as write } from "./bench";

export const closingTests: readonly StoreTest[] = [
  {
    title: "9: close can be called again, at the same time and later",
    async run({ store, soon }) {
      await write(store, pattern(100));
      await soon(Promise.all([store.close?.(), store.close?.()]));
      await soon(store.close?.());
    },
  },
  {
    title: "9: close does not wait for a source that hangs",
    async run({ store, soon }) {
      const reservation = await reserve(store, 1_000);
      await new Promise<void>((onHang, onEnd) => {
        reservation.write(asImage(thenHang(pattern(100), onHang))).catch(onEnd);
      });
      await soon(store.close?.());
    },
  },
  {
    title: "9: close does not wait for a reader who has stopped reading",
    async run({ store, soon }) {
      const { key } = await write(store, pattern(200_000));
      const found = await store.read(key, { signal: calm() });
      assert.ok(found);
      const iterator = found.body[Symbol.asyncIterator]();
      await iterator.next();
      await soon(store.close?.());
      await iterator.return?.();
    },
  },
];
