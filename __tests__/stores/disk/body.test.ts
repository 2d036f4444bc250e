import { diskStore } from "../../../lib/stores/disk";
import { calm, pattern, readBytes, store as write } from "../../../lib/testing/image-store/bench";
import { itOnLinux, openFilesIn, temporaryFolders } from "../folder";

describe("a body that was handed out", () => {
  const newFolder = temporaryFolders();

  async function open(signal = calm()) {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const { key } = await write(store, pattern(200_000));
    const found = await store.read(key, { signal });
    if (!found) throw new Error("the image is not there");
    return { directory, store, key, iterator: found.body[Symbol.asyncIterator](), body: found.body };
  }

  itOnLinux("keeps the file open only until its last byte is read", async () => {
    const { directory, store, iterator } = await open();
    expect(await openFilesIn(directory)).toHaveLength(1);
    for (let bytes = 0; bytes < 200_000; ) bytes += (await iterator.next()).value?.length ?? 0;
    expect(await openFilesIn(directory)).toEqual([]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await store.close?.();
  });

  itOnLinux("closes the file when the reader leaves", async () => {
    const { directory, store, body } = await open();
    for await (const piece of body) if (piece.length > 0) break;
    expect(await openFilesIn(directory)).toEqual([]);
    await store.close?.();
  });

  itOnLinux("closes the file when the reader leaves before he begins", async () => {
    const { directory, store, iterator } = await open();
    await iterator.return?.();
    expect(await openFilesIn(directory)).toEqual([]);
    expect((await iterator.next()).done).toBe(true);
    await store.close?.();
  });

  itOnLinux("closes the file when the signal aborts, and rejects with its reason", async () => {
    const controller = new AbortController();
    const { directory, store, iterator } = await open(controller.signal);
    await iterator.next();
    controller.abort(new Error("left"));
    await expect(iterator.next()).rejects.toThrow("left");
    await store.close?.();
    expect(await openFilesIn(directory)).toEqual([]);
  });

  itOnLinux("closes the file when the store closes, although nobody reads", async () => {
    const { directory, store, iterator } = await open();
    await store.close?.();
    expect(await openFilesIn(directory)).toEqual([]);
    await expect(iterator.next()).rejects.toThrow("closed");
  });

  itOnLinux("leaves no file open where nothing is handed out", async () => {
    const { directory, store, key, iterator } = await open();
    await iterator.return?.();
    const outside = { start: 0, end: 200_000 };
    await expect(store.read(key, { range: outside, signal: calm() })).rejects.toThrow(RangeError);
    await expect(store.read(key, { signal: AbortSignal.abort(new Error("left")) })).rejects.toThrow("left");
    const controller = new AbortController();
    const reading = store.read(key, { signal: controller.signal });
    // By now the file is being opened.
    await new Promise(process.nextTick);
    controller.abort(new Error("left"));
    await expect(reading).rejects.toThrow("left");
    await store.stat(key);
    await store.stat("0123456789abcdefghijklmnopqrstuv");
    expect(await openFilesIn(directory)).toEqual([]);
    await store.close?.();
  });

  it("never holds more than a piece of 64 KiB", async () => {
    const { store, key, body } = await open();
    for await (const piece of body) expect(piece.length).toBeLessThanOrEqual(65_536);
    expect(await readBytes(store, key, { start: 199_999, end: 199_999 })).toHaveLength(1);
    await store.close?.();
  });
});
