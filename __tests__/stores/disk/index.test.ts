import { lchown, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Logger } from "../../../lib/ports";
import { diskStore } from "../../../lib/stores/disk";
import { ownMark } from "../../../lib/stores/disk/this-process";
import {
  asImage,
  calm,
  inChunks,
  pattern,
  readBytes,
  reserve,
  store as write,
} from "../../../lib/testing/image-store/bench";
import { runChild } from "../child";
import { temporaryFolders } from "../folder";

const newFolder = temporaryFolders();

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe("a disk store without a folder", () => {
  const ownFolders = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith(`express-image-gateway-${ownMark()}-`));

  it("makes one that only its user can enter, and removes it with all in it when it closes", async () => {
    const store = diskStore();
    expect(await ownFolders()).toEqual([]);
    await write(store, pattern(10));
    const [name = ""] = await ownFolders();
    expect((await stat(join(tmpdir(), name))).mode & 0o777).toBe(0o700);
    await store.close?.();
    expect(await ownFolders()).toEqual([]);
  });

  it("makes none any more when it closes before it was used", async () => {
    const store = diskStore();
    await store.close?.();
    await expect(store.ready?.()).rejects.toThrow("closed");
    expect(await ownFolders()).toEqual([]);
  });

  it("removes it also when it closes while it starts", async () => {
    const store = diskStore();
    const starting = store.ready?.();
    await store.close?.();
    await starting;
    expect(await ownFolders()).toEqual([]);
  });

  it("removes the folder that a killed process left, when the next one starts", async () => {
    const script = `
      const { diskStore } = require("./lib/stores/disk");
      diskStore().ready().then(() => {
        console.log(require("./lib/stores/disk/this-process").ownMark());
      });
    `;
    // It ends without closing: an open store keeps no process alive.
    const { code, stdout } = await runChild(script);
    const left = async () => (await readdir(tmpdir())).filter((name) => name.includes(stdout.trim()));
    expect(code).toBe(0);
    expect(await left()).toHaveLength(1);
    const store = diskStore();
    await store.ready?.();
    expect(await left()).toEqual([]);
    await store.close?.();
  });
});

describe("a disk store in a given folder", () => {
  it("makes the folder, for its user only, and keeps it with the images", async () => {
    const directory = join(await newFolder(), "deep", "images");
    const before = diskStore({ directory });
    const bytes = pattern(100_000);
    const image = await write(before, bytes);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await before.close?.();
    const after = diskStore({ directory });
    expect(await after.stat(image.key)).toEqual(image);
    expect(Buffer.from(await readBytes(after, image.key)).equals(bytes)).toBe(true);
    await after.close?.();
  });

  it("counts what it finds there", async () => {
    const directory = await newFolder();
    const before = diskStore({ directory });
    const images = [await write(before, pattern(400)), await write(before, pattern(400))];
    await before.close?.();
    const after = diskStore({ directory, maxBytes: 1_000 });
    await (await reserve(after, 500)).release();
    const left = await Promise.all(images.map(({ key }) => after.stat(key)));
    expect(left.filter((image) => image !== undefined)).toHaveLength(1);
    await after.close?.();
  });

  it("puts nothing into the folder that tells who owns an image", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    await write(store, pattern(10), "alice@example.com");
    for (const name of await readdir(directory)) {
      expect(name + (await readFile(join(directory, name), "latin1"))).not.toContain("alice");
    }
    await store.close?.();
  });

  it("keeps the picture's own bytes at the start of the file", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const bytes = pattern(1_000);
    const { key } = await write(store, bytes);
    const file = await readFile(join(directory, `eig-${key}.image`));
    expect(file.subarray(0, 1_000).equals(bytes)).toBe(true);
    await store.close?.();
  });

  it.each([
    ["a file", async (path: string) => writeFile(path, "")],
    ["a link to nowhere", async (path: string) => symlink(`${path}-nowhere`, path)],
  ])("refuses %s in its place, names the option and tells no path", async (_what, make) => {
    const parent = await newFolder();
    const directory = join(parent, "images");
    await make(directory);
    const store = diskStore({ directory });
    const error: unknown = await store.ready?.().catch((reason) => reason);
    expect(String(error)).toContain('diskStore: option "directory" is not a usable folder');
    expect(String(error)).not.toContain(parent);
    await store.close?.();
  });

  it("follows a link to the folder that is its user's own, and none that somebody else has put there", async () => {
    const parent = await newFolder();
    const directory = join(parent, "link");
    await symlink(await newFolder(), directory);
    const store = diskStore({ directory });
    const { key } = await write(store, pattern(10));
    expect(await readdir(directory)).toEqual([`eig-${key}.image`]);
    await store.close?.();
    // Only root can give a link away.
    if (process.getuid?.() !== 0) return;
    await lchown(directory, 65_534, 65_534);
    const refused = diskStore({ directory });
    await expect(refused.ready?.()).rejects.toThrow('option "directory" is not a usable folder');
    await refused.close?.();
  });

  it("reaches no file by a key that leads out of the folder or to another file in it", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory: join(directory, "images") });
    await store.ready?.();
    await writeFile(join(directory, "secret"), "secret");
    await writeFile(join(directory, "images", "eig-secret.image"), "secret");
    const keys = [
      "../secret",
      "../../secret",
      "%2e%2e%2fsecret",
      "..%2fsecret",
      join(directory, "secret"),
      "secret",
      "../secret\0",
      `${"x".repeat(32)}\0`,
      "x".repeat(10_240),
      `${"../".repeat(3_413)}x`,
      ".",
      "",
    ];
    for (const key of keys) {
      expect(await store.stat(key)).toBeUndefined();
      expect(await store.read(key, { signal: calm() })).toBeUndefined();
    }
    await store.delete(keys);
    expect(await readdir(directory)).toEqual(["images", "secret"]);
    expect(await readdir(join(directory, "images"))).toEqual(["eig-secret.image"]);
    await store.close?.();
  });

  it("does not follow a link, even to a whole image of ours", async () => {
    const directory = await newFolder();
    const elsewhere = await newFolder();
    const store = diskStore({ directory });
    const { key } = await write(store, pattern(10));
    const name = `eig-${key}.image`;
    await rename(join(directory, name), join(elsewhere, name));
    await symlink(join(elsewhere, name), join(directory, name));
    expect(await store.stat(key)).toBeUndefined();
    expect(await store.read(key, { signal: calm() })).toBeUndefined();
    await store.delete([key]);
    expect(await readdir(elsewhere)).toEqual([name]);
    await store.close?.();
  });

  it("tells no path when the disk cannot be read", async () => {
    const parent = await newFolder();
    const directory = join(parent, "images");
    const store = diskStore({ directory });
    const { key } = await write(store, pattern(10));
    await rm(directory, { recursive: true });
    await writeFile(directory, "");
    for (const work of [
      () => store.stat(key),
      () => store.read(key, { signal: calm() }),
      () => store.delete([key]),
    ]) {
      const error: unknown = await work().catch((reason) => reason);
      expect(String(error)).toBe("Error: The image store cannot use its folder.");
    }
    await store.close?.();
  });

  it("refuses everything but a second close once it is closed", async () => {
    const directory = await newFolder();
    const store = diskStore({ directory });
    const reservation = await reserve(store, 10);
    const { key } = await reservation.write(asImage(inChunks(pattern(10))));
    await store.close?.();
    expect(await readdir(directory)).toEqual([`eig-${key}.image`]);
    await expect(store.stat(key)).rejects.toThrow("closed");
    await expect(store.read(key, { signal: calm() })).rejects.toThrow("closed");
    await expect(store.delete([key])).rejects.toThrow("closed");
    await expect(reserve(store, 1)).rejects.toThrow("closed");
    await reservation.release();
    await store.close?.();
  });
});

describe("the sweep of an open disk store", () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["Date", "nextTick", "performance", "setImmediate", "setTimeout"] });
  });

  afterEach(() => jest.useRealTimers());

  it("removes each minute what has expired, and ends when the store closes", async () => {
    const directory = await newFolder();
    let now = 0;
    const store = diskStore({ directory, clock: () => now, ttlSeconds: 30 });
    await write(store, pattern(10));
    now = 30_000;
    expect(await readdir(directory)).toHaveLength(1);
    jest.advanceTimersByTime(60_000);
    while ((await readdir(directory)).length > 0) await new Promise(setImmediate);
    await store.close?.();
    expect(jest.getTimerCount()).toBe(0);
  });

  it("also removes what other processes wrote there", async () => {
    const directory = await newFolder();
    let now = 0;
    const options = { directory, clock: () => now, ttlSeconds: 30 };
    const store = diskStore(options);
    await store.ready?.();
    const other = diskStore(options);
    await write(other, pattern(10));
    await other.close?.();
    now = 30_000;
    jest.advanceTimersByTime(60_000);
    while ((await readdir(directory)).length > 0) await new Promise(setImmediate);
    await store.close?.();
  });

  it.each([
    ["tells the logger", () => {}],
    [
      "does not mind a logger that throws",
      () => {
        throw new Error("logger");
      },
    ],
  ])("%s when it fails", async (_what, react) => {
    const directory = await newFolder();
    const warnings: unknown[] = [];
    const warn: Logger["warn"] = (about, message) => {
      warnings.push({ ...about, message });
      react();
    };
    const store = diskStore({ directory, logger: { ...silent, warn } });
    await store.ready?.();
    await rm(directory, { recursive: true });
    jest.advanceTimersByTime(60_000);
    while (warnings.length === 0) await new Promise(setImmediate);
    await store.close?.();
    expect(warnings).toEqual([
      { code: "ENOENT", message: expect.stringContaining("could not remove expired images") },
    ]);
  });
});
