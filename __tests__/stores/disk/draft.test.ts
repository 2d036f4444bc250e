import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { StoreFullError } from "../../../lib/ports";
import { diskStore } from "../../../lib/stores/disk";
import {
  asImage,
  calm,
  inChunks,
  pattern,
  readBytes,
  reserve,
  thenHang,
} from "../../../lib/testing/image-store/bench";
import { runChild } from "../child";
import { temporaryFolders } from "../folder";

describe("writing to the disk", () => {
  const newFolder = temporaryFolders();

  const drafts = async (directory: string): Promise<string[]> =>
    (await readdir(directory)).filter((name) => name.endsWith(".draft"));

  it("holds one chunk of 64 MB in flight: each is in the file before the next is asked for", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const chunk = pattern(512 * 1024);
    let yielded = 0;
    let mostInFlight = 0;
    const source = (async function* () {
      while (yielded < 64 * 1024 ** 2) {
        const [name = ""] = await drafts(directory);
        const { size } = await stat(join(directory, name));
        mostInFlight = Math.max(mostInFlight, yielded - size);
        yielded += chunk.length;
        yield chunk;
      }
    })();
    const reservation = await reserve(store, 64 * 1024 ** 2);
    const image = await reservation.write(asImage(source));
    await reservation.release();
    await store.close?.();
    expect(image.bytes).toBe(64 * 1024 ** 2);
    expect(mostInFlight).toBe(0);
  });

  it("leaves no file when it is aborted in the middle", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const controller = new AbortController();
    const reservation = await reserve(store, 1_000);
    let during: string[] = [];
    const source = (async function* () {
      yield pattern(500);
      during = await drafts(directory);
      controller.abort(new Error("left"));
      yield pattern(500);
    })();
    await expect(reservation.write(asImage(source, controller.signal))).rejects.toThrow("left");
    expect(during).toHaveLength(1);
    await reservation.release();
    expect(await readdir(directory)).toEqual([]);
    await store.close?.();
  });

  it("leaves no file when the source fails, and none when the store closes", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const reservation = await reserve(store, 1_000);
    const failing = (async function* () {
      yield pattern(500);
      throw new Error("broken");
    })();
    await expect(reservation.write(asImage(failing))).rejects.toThrow("broken");
    expect(await drafts(directory)).toEqual([]);
    await new Promise<void>((onHang) => {
      reservation.write(asImage(thenHang(pattern(10), onHang))).catch(() => {});
    });
    expect(await drafts(directory)).toHaveLength(1);
    await store.close?.();
    expect(await readdir(directory)).toEqual([]);
  });

  it("makes a file that only its user can read", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const reservation = await reserve(store, 10);
    await reservation.write(asImage(inChunks(pattern(10))));
    for (const name of await readdir(directory)) {
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    }
    await reservation.release();
    await store.close?.();
  });

  it("is refused as a full store where the folder is gone, and tells no path", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const reservation = await reserve(store, 10);
    await rm(directory, { recursive: true });
    for (const work of [() => reservation.write(asImage(inChunks(pattern(10)))), () => reserve(store, 10)]) {
      const error: unknown = await work().catch((reason) => reason);
      if (!StoreFullError.is(error)) throw new Error("not refused");
      expect(String(error)).not.toContain(directory);
      expect(JSON.stringify({ ...error })).not.toContain(directory);
      expect(error.cause).toMatchObject({ code: "ENOENT" });
    }
    await reservation.release();
    await store.close?.();
  });

  it("is refused as a full store when the system takes no more bytes, and leaves nothing", async () => {
    const directory = await newFolder();
    const script = `
      const { diskStore } = require("./lib/stores/disk");
      const { StoreFullError } = require("./lib/ports");
      const { asImage, inChunks, pattern, reserve } = require("./lib/testing/image-store/bench");
      (async () => {
        const store = diskStore({ directory: process.argv[1] });
        const reservation = await reserve(store, 10_000_000);
        const error = await reservation.write(asImage(inChunks(pattern(10_000_000)))).catch((reason) => reason);
        const small = await reservation.write(asImage(inChunks(pattern(10))));
        await reservation.release();
        await store.close();
        console.log(JSON.stringify({ isFull: StoreFullError.is(error), code: error.cause?.code, bytes: small.bytes }));
      })();
    `;
    const { stdout } = await runChild(script, { args: [directory], maxFileBlocks: "100" });
    expect(JSON.parse(stdout)).toEqual({ isFull: true, code: "EFBIG", bytes: 10 });
    expect(await readdir(directory)).toHaveLength(1);
  });

  it("is safe for many writers of several instances in one folder", async () => {
    const directory = await newFolder();
    const stores = [diskStore({ directory }), diskStore({ directory })];
    const contents = Array.from({ length: 30 }, (_, nth) => pattern(50_000 + nth, nth + 1));
    const images = await Promise.all(
      contents.map(async (bytes, nth) => {
        const reservation = await reserve(stores[nth % 2] ?? diskStore(), bytes.length);
        const image = await reservation.write(asImage(inChunks(bytes, 5_000)));
        await reservation.release();
        return image;
      }),
    );
    for (const [nth, { key }] of images.entries()) {
      const other = stores[(nth + 1) % 2];
      const found = await other?.read(key, { signal: calm() });
      expect(found?.image).toEqual(images[nth]);
      expect(other && Buffer.from(await readBytes(other, key)).equals(contents[nth] ?? Buffer.alloc(0))).toBe(
        true,
      );
      await found?.body[Symbol.asyncIterator]().return?.();
    }
    expect(await readdir(directory)).toHaveLength(30);
    for (const store of stores) await store.close?.();
  });
});
