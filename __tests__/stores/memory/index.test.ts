import { memoryStore } from "../../../lib/stores/memory";
import { pattern, store as write } from "../../../lib/testing/image-store/bench";

const INTERVALS_ONLY = {
  doNotFake: ["Date", "nextTick", "performance", "setImmediate", "setTimeout"] as const,
};

describe("memoryStore", () => {
  afterEach(() => jest.useRealTimers());

  it("gives expired images' memory back by itself, and stops looking when it is closed", async () => {
    jest.useFakeTimers({ doNotFake: [...INTERVALS_ONLY.doNotFake] });
    let now = 0;
    const store = memoryStore({ clock: () => now, ttlSeconds: 30 });
    const { key } = await write(store, pattern(10));
    now = 30_000;
    await jest.advanceTimersByTimeAsync(60_000);
    // Were it only hidden, it would be there again.
    now = 0;
    expect(await store.stat(key)).toBeUndefined();
    await store.close?.();
    expect(jest.getTimerCount()).toBe(0);
  });

  it("refuses everything but a second close once it is closed", async () => {
    const store = memoryStore();
    const { key } = await write(store, pattern(10));
    await store.close?.();
    const signal = new AbortController().signal;
    await expect(store.stat(key)).rejects.toThrow("closed");
    await expect(store.read(key, { signal })).rejects.toThrow("closed");
    await expect(store.delete([key])).rejects.toThrow("closed");
    await expect(store.reserve({ owner: "owner", bytes: 1, signal })).rejects.toThrow("closed");
    await store.close?.();
  });
});
