import { PutObjectCommand } from "@aws-sdk/client-s3";

import type { ImageStore } from "../../../lib/ports";
import { calm, collect, pattern, readBytes, store as write } from "../../../lib/testing/image-store/bench";
import { s3Bench } from "./bench";
import { type Fate, stopAfter } from "./front";

const bench = s3Bench();

const opened = async (length: number) => {
  const store = bench.open(await bench.storage.newBucket());
  const bytes = pattern(length);
  return { store, bytes, key: (await write(store, bytes)).key };
};

const bodyOf = (found: Awaited<ReturnType<ImageStore["read"]>>): AsyncIterable<Uint8Array> => {
  if (!found) throw new Error("the image is not there");
  return found.body;
};

/** Tells when the reader has let go of its connection. */
const watched = () => {
  let closed: Promise<void> = Promise.resolve();
  const fate: Fate = async ({ response }, ask) => {
    closed = new Promise((resolve) => response.on("close", resolve));
    const answer = await ask();
    response.writeHead(answer.status, answer.headers);
    answer.body.pipe(response);
    response.on("close", () => answer.body.destroy());
  };
  return { fate, letGo: () => closed };
};

describe("a body from a bucket", () => {
  it("is an error when the connection breaks in the middle", async () => {
    const { store, key } = await opened(1_000_000);
    bench.front.next("GetObject", stopAfter(500_000, "break"));
    await expect(readBytes(store, key)).rejects.toThrow("could not be read to its end");
  });

  it("ends with its signal, with the signal's reason", async () => {
    const { store, key } = await opened(4_000_000);
    const controller = new AbortController();
    const watch = watched();
    bench.front.next("GetObject", watch.fate);
    const found = await store.read(key, { signal: controller.signal });
    const iterator = bodyOf(found)[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort(new Error("left"));
    await expect(iterator.next()).rejects.toThrow("left");
    await watch.letGo();
  });

  it.each([
    ["the signal of a reader who never begins aborts", "abort"],
    ["a reader leaves before it begins", "return"],
    ["a reader leaves in the middle", "begin"],
    ["the store closes", "close"],
  ])("lets go of its connection when %s", async (_what, end) => {
    const { store, key } = await opened(8_000_000);
    const controller = new AbortController();
    const watch = watched();
    bench.front.next("GetObject", watch.fate);
    const found = await store.read(key, { signal: controller.signal });
    const iterator = bodyOf(found)[Symbol.asyncIterator]();
    if (end === "begin") await iterator.next();
    if (end === "abort") controller.abort();
    else if (end === "close") await store.close?.();
    else await iterator?.return?.();
    await watch.letGo();
  });

  it("is given up when nothing comes for half a minute while somebody reads", async () => {
    const { store, key } = await opened(1_000_000);
    bench.front.next("GetObject", stopAfter(1_000, "hang"));
    const found = await store.read(key, { signal: calm() });
    const iterator = bodyOf(found)[Symbol.asyncIterator]();
    await iterator.next();
    jest.useFakeTimers({ doNotFake: ["Date", "nextTick", "setImmediate", "queueMicrotask", "performance"] });
    try {
      const waiting = iterator.next();
      waiting?.catch(() => {});
      await new Promise(setImmediate);
      jest.advanceTimersByTime(30_000);
      await expect(waiting).rejects.toThrow("could not be read to its end");
    } finally {
      jest.useRealTimers();
    }
  });

  it("is empty for whoever has read it to its end", async () => {
    const { store, bytes, key } = await opened(1_000);
    const found = await store.read(key, { signal: calm() });
    expect(Buffer.from(await collect(bodyOf(found))).equals(bytes)).toBe(true);
    expect(await collect(bodyOf(found))).toHaveLength(0);
  });
});

describe("an object that is no image of the store", () => {
  it("is not downloaded when somebody asks for it", async () => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const { key } = await write(store, pattern(10));
    const Key = `images/eig-${key}`;
    await bench.storage.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: pattern(8_000_000) }));
    const watch = watched();
    bench.front.next("GetObject", watch.fate);
    expect(await store.read(key, { signal: calm() })).toBeUndefined();
    await watch.letGo();
  });
});

describe("a range of an image in a bucket", () => {
  it.each([
    [-1, 5],
    [5, 4],
    [0, 1_000],
    [1_000, 1_000],
    [0.5, 2],
  ])("is refused when it does not lie inside: %d to %d", async (start, end) => {
    const { store, key } = await opened(1_000);
    const reading = store.read(key, { range: { start, end }, signal: calm() });
    await expect(reading).rejects.toThrow(RangeError);
    expect(bench.front.count("GetObject")).toBe(0);
  });

  it("is an error when the storage gives all instead", async () => {
    const { store, key } = await opened(1_000);
    bench.front.next("GetObject", ({ response }) =>
      response.setHeader("content-length", 1_000).end(pattern(1_000)),
    );
    const reading = store.read(key, { range: { start: 0, end: 9 }, signal: calm() });
    await expect(reading).rejects.toThrow("did not give the range");
  });

  it("is of no image that is gone", async () => {
    const { store, key } = await opened(1_000);
    await store.delete([key]);
    expect(await store.read(key, { range: { start: 0, end: 9 }, signal: calm() })).toBeUndefined();
  });
});

describe("an image that has expired", () => {
  it("is not asked for: its key says so", async () => {
    let now = Date.now();
    const store = bench.open(await bench.storage.newBucket(), { clock: () => now, ttlSeconds: 60 });
    const { key } = await write(store, pattern(10));
    bench.front.reset();
    now += 60_000;
    expect(await store.stat(key)).toBeUndefined();
    expect(await store.read(key, { signal: calm() })).toBeUndefined();
    expect(bench.front.seen).toEqual([]);
  });

  it("ends to the fraction of a millisecond that its clock tells", async () => {
    let now = 1_000.25;
    const store = bench.open(await bench.storage.newBucket(), { clock: () => now, ttlSeconds: 1 });
    const image = await write(store, pattern(10));
    expect(image.expiresAt).toBe(2_000.25);
    now = 2_000.2;
    expect(await store.stat(image.key)).toEqual(image);
    now = 2_000.3;
    expect(await store.stat(image.key)).toBeUndefined();
  });
});
