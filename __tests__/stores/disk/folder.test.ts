import { once } from "node:events";
import {
  lutimes,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";

import { StoreFullError } from "../../../lib/ports";
import { diskStore } from "../../../lib/stores/disk";
import {
  asImage,
  inChunks,
  isThere,
  pattern,
  reserve,
  store as write,
} from "../../../lib/testing/image-store/bench";
import { startChild } from "../child";
import { temporaryFolders } from "../folder";

const LONG_AGO = new Date(Date.now() - 7_200_000);
const KEY = "0123456789abcdefghijklmnopqrstuv";
const ID = "0123456789abcdef0123456789abcdef";
/** Of a machine that is not this one. */
const FOREIGN_MARK = "000000000000-1-1";

const newFolder = temporaryFolders();

/** What is left of a folder of these files, all untouched for two hours, when a store has started on it. */
async function sweep(files: readonly string[], touched = LONG_AGO): Promise<string[]> {
  const directory = await newFolder();
  for (const name of files) {
    await writeFile(join(directory, name), "something");
    await utimes(join(directory, name), touched, touched);
  }
  const store = diskStore({ directory });
  await store.ready?.();
  await store.close?.();
  return (await readdir(directory)).sort();
}

describe("the sweep when the store starts", () => {
  it("never touches files that are not ours, however old", async () => {
    const files = [
      ".hidden",
      `${ID}.draft`,
      `${KEY}.image`,
      "eig-.image",
      "eig-short.image",
      `eig-${KEY}.image.bak`,
      `eig-${KEY}.png`,
      `eig-${FOREIGN_MARK}-${ID}.tmp`,
      `eig-${FOREIGN_MARK}-${ID.toUpperCase()}.draft`,
      `eig-${FOREIGN_MARK}.draft`,
      `my-eig-${KEY}.image`,
      "photo.png",
    ];
    expect(await sweep(files)).toEqual([...files].sort());
  });

  it("leaves a folder alone that has a name of ours", async () => {
    const directory = await newFolder();
    const names = [`eig-${FOREIGN_MARK}-${ID}.draft`, `eig-${KEY}.image`];
    for (const name of names) {
      await mkdir(join(directory, name));
      await utimes(join(directory, name), LONG_AGO, LONG_AGO);
    }
    const store = diskStore({ directory });
    await store.ready?.();
    expect(await isThere(store, { ...(await write(store, pattern(10))), key: KEY })).toBe(false);
    await store.close?.();
    expect(await readdir(directory)).toEqual(expect.arrayContaining(names));
  });

  it("leaves a link alone that has a name of ours", async () => {
    const directory = await newFolder();
    const path = join(directory, `eig-${KEY}.image`);
    await symlink("nowhere", path);
    await lutimes(path, LONG_AGO, LONG_AGO);
    const store = diskStore({ directory });
    await store.ready?.();
    await store.close?.();
    expect(await readdir(directory)).toHaveLength(1);
  });

  const leftovers = [`eig-${FOREIGN_MARK}-${ID}.draft`, `eig-${FOREIGN_MARK}-${ID}.hold`, `eig-${KEY}.image`];

  it("removes what a crash elsewhere has left once it is old", async () => {
    expect(await sweep(leftovers)).toEqual([]);
  });

  it("keeps what another machine may be working on", async () => {
    expect(await sweep(leftovers, new Date())).toEqual(leftovers);
  });

  it("removes images of ours that are expired, and no others", async () => {
    const directory = await newFolder();
    let now = 0;
    const before = diskStore({ directory, clock: () => now, ttlSeconds: 10 });
    const over = await write(before, pattern(10));
    now = 1;
    const still = await write(before, pattern(10));
    await before.close?.();
    now = 10_000;
    // Its own ttl does not matter: each image carries its end.
    const after = diskStore({ directory, clock: () => now, ttlSeconds: 1 });
    await after.ready?.();
    expect(await readdir(directory)).toEqual([`eig-${still.key}.image`]);
    now = 0;
    expect(await isThere(after, over)).toBe(false);
    await after.close?.();
  });

  it("removes what a killed process was writing, and nothing while it lives", async () => {
    const directory = await newFolder();
    const script = `
      const { diskStore } = require("./lib/stores/disk");
      const { asImage, inChunks, pattern, reserve, thenHang } = require("./lib/testing/image-store/bench");
      (async () => {
        const reservation = await reserve(diskStore({ directory: process.argv[1] }), 2_000);
        await reservation.write(asImage(inChunks(pattern(1_000))));
        setInterval(() => {}, 1_000);
        await reservation.write(asImage(thenHang(pattern(500), () => console.log("writing"))));
      })();
    `;
    const child = startChild(script, { args: [directory] });
    await once(child.stdout, "data");
    const kinds = async () => (await readdir(directory)).map((name) => name.split(".").at(-1)).sort();

    const first = diskStore({ directory });
    await first.ready?.();
    await first.close?.();
    expect(await kinds()).toEqual(["draft", "hold", "image"]);

    child.kill("SIGKILL");
    await once(child, "exit");
    const second = diskStore({ directory, maxBytes: 1_500 });
    await second.ready?.();
    expect(await kinds()).toEqual(["image"]);
    const image = { key: (await readdir(directory))[0]?.slice(4, -6) ?? "" };
    expect(await second.stat(image.key)).toMatchObject({ bytes: 1_000, contentType: "image/png" });
    // The dead one's reservation holds its image no longer.
    await (await reserve(second, 1_000)).release();
    expect(await kinds()).toEqual([]);
    await second.close?.();
  });
});

describe("a folder of several instances", () => {
  async function two(maxBytes: number) {
    const directory = await newFolder();
    const stores = [diskStore({ directory, maxBytes }), diskStore({ directory, maxBytes })] as const;
    for (const store of stores) await store.ready?.();
    return { directory, stores };
  }

  it("keeps an image under a reservation of the one from eviction by the other", async () => {
    const { directory, stores } = await two(100);
    const [ours, theirs] = stores;
    const reservation = await reserve(ours, 60);
    const image = await reservation.write(asImage(inChunks(pattern(60))));
    // Whoever starts later learns of it from the folder.
    const late = diskStore({ directory, maxBytes: 100 });
    await late.ready?.();
    await expect(reserve(late, 50)).rejects.toBeInstanceOf(StoreFullError);
    await reservation.release();
    await (await reserve(late, 50)).release();
    expect(await isThere(theirs, image)).toBe(false);
    for (const store of [...stores, late]) await store.close?.();
  });

  it("shows once a minute that its reservations are still held, so that they do not look abandoned", async () => {
    jest.useFakeTimers({ doNotFake: ["Date", "nextTick", "performance", "setImmediate", "setTimeout"] });
    const directory = await newFolder();
    const store = diskStore({ directory });
    const reservation = await reserve(store, 60);
    const [name = ""] = await readdir(directory);
    await utimes(join(directory, name), LONG_AGO, LONG_AGO);
    jest.advanceTimersByTime(60_000);
    while ((await stat(join(directory, name))).mtimeMs < Date.now() - 60_000) await new Promise(setImmediate);
    await reservation.release();
    await store.close?.();
    jest.useRealTimers();
  });

  it("learns what the other has deleted before it refuses", async () => {
    const { directory, stores } = await two(100);
    const [ours, theirs] = stores;
    const reservation = await reserve(ours, 60);
    const { key } = await reservation.write(asImage(inChunks(pattern(60))));
    await theirs.delete([key]);
    await (await reserve(ours, 60)).release();
    await reservation.release();
    expect(await readdir(directory)).toEqual([]);
    for (const store of stores) await store.close?.();
  });

  it("gives no image under another key, and none that was cut short", async () => {
    const { directory, stores } = await two(1_000_000);
    const [ours, theirs] = stores;
    const image = await write(ours, pattern(1_000));
    const path = join(directory, `eig-${image.key}.image`);
    await writeFile(join(directory, `eig-${KEY}.image`), await readFile(path));
    expect(await theirs.stat(KEY)).toBeUndefined();
    await truncate(path, 900);
    expect(await theirs.stat(image.key)).toBeUndefined();
    for (const store of stores) await store.close?.();
  });
});
