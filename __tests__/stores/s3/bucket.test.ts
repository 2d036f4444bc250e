import { PutObjectCommand } from "@aws-sdk/client-s3";

import { type ImageStore, type Logger, StoreFullError } from "../../../lib/ports";
import { newKey } from "../../../lib/stores/s3/image-name";
import {
  asImage,
  inChunks,
  isThere,
  pattern,
  reserve,
  store as write,
} from "../../../lib/testing/image-store/bench";
import { s3Bench } from "./bench";
import { refuse } from "./front";

const bench = s3Bench();

const HOUR = 3_600_000;

/** Names of images that end then. */
const keys = (count: number, expiresAt: number): string[] =>
  Array.from({ length: count }, () =>
    newKey({ contentType: "image/png", width: 1, height: 1, createdAt: 0, expiresAt }),
  );

/** A page of a list, as the storage would give it. */
const page = (names: readonly string[], next?: string): string => {
  const contents = names.map((name) => `<Contents><Key>images/eig-${name}</Key><Size>1</Size></Contents>`);
  const token = next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return `<ListBucketResult>${contents.join("")}${token}</ListBucketResult>`;
};

/** What the storage was asked to delete. */
const deleted = (): string[] =>
  bench.front.seen
    .filter(({ operation }) => operation === "DeleteObjects")
    .flatMap(({ body }) => [...body.toString().matchAll(/<Key>images\/eig-(.*?)<\/Key>/g)])
    .map(([, name = ""]) => name);

describe("a bucket that is swept", () => {
  it("loses what has expired, whoever wrote it, and nothing else", async () => {
    const bucket = await bench.storage.newBucket();
    let now = HOUR;
    const options = { clock: () => now, ttlSeconds: 60 };
    await write(bench.open(bucket, options), pattern(10));
    await write(bench.open(bucket, options), pattern(10));
    now += 30_000;
    const { key } = await write(bench.open(bucket, options), pattern(10));
    const elsewhere = await write(bench.open(bucket, { ...options, prefix: "images/other/" }), pattern(10));
    const foreign = [
      "images/eig-",
      "images/eig-notes.txt",
      "images/photo.png",
      `eig-${key}`,
      `images/x-eig-${key}`,
    ];
    for (const Key of foreign) {
      await bench.storage.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "bytes" }));
    }
    now += 30_000;
    await bench.open(bucket, options).ready?.();
    const left = [...foreign, `images/eig-${key}`, `images/other/eig-${elsewhere.key}`];
    expect(await bench.storage.names(bucket)).toEqual(left.sort());
  });

  it("is read no further than to what has not expired", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const [expired, living] = [keys(2, Date.now() - 1), keys(1, Date.now() + HOUR)];
    bench.front.next("ListObjectsV2", ({ response }) => response.end(page([...expired, ...living], "more")));
    await store.ready?.();
    expect(bench.front.count("ListObjectsV2")).toBe(1);
    expect(deleted()).toEqual(expired);
  });

  it("is read page by page, and not without an end", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const expired = keys(1_000, Date.now() - 1);
    const pages = Array.from(
      { length: 11 },
      (_, nth) =>
        ({ response }: { response: { end(text: string): void } }) =>
          response.end(page(expired.slice(nth * 50, nth * 50 + 50), `page ${nth + 1}`)),
    );
    bench.front.next("ListObjectsV2", ...pages);
    await store.ready?.();
    const asked = bench.front.seen.filter(({ operation }) => operation === "ListObjectsV2");
    const tokens = asked.map(({ url }) =>
      new URL(url, "http://storage").searchParams.get("continuation-token"),
    );
    expect(tokens).toEqual([null, ...Array.from({ length: 9 }, (_, nth) => `page ${nth + 1}`)]);
    expect(deleted()).toEqual(expired.slice(0, 500));
  });

  it("can be swept by several at once", async () => {
    const bucket = await bench.storage.newBucket();
    let now = HOUR;
    const options = { clock: () => now, ttlSeconds: 60 };
    const store = bench.open(bucket, options);
    await Promise.all(Array.from({ length: 5 }, () => write(store, pattern(10))));
    now += 60_000;
    const others = Array.from({ length: 4 }, () => bench.open(bucket, options));
    await Promise.all([store, ...others].map((each) => each.ready?.()));
    expect(await bench.storage.names(bucket)).toEqual([]);
  });

  it("is asked for at most 1,000 deletions at a time", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const many = keys(1_001, Date.now() + HOUR);
    await store.delete([...many, "of no form"]);
    const sizes = bench.front.seen.map(({ body }) => body.toString().split("<Key>").length - 1);
    expect(sizes).toEqual([1_000, 1]);
    expect(deleted()).toEqual(many);
  });
});

describe("a bucket with a limit", () => {
  const limited = (bucket: string, clock: () => number, ttlSeconds = 24 * 3600): ImageStore =>
    bench.open(bucket, { clock, ttlSeconds, maxBytes: 1_000 });

  it("counts what it finds at the start", async () => {
    const bucket = await bench.storage.newBucket();
    await write(limited(bucket, Date.now), pattern(600));
    const store = limited(bucket, Date.now);
    await store.ready?.();
    await expect(reserve(store, 500)).rejects.toBeInstanceOf(StoreFullError);
    await (await reserve(store, 400)).release();
  });

  it("learns before it refuses that others have deleted something", async () => {
    const bucket = await bench.storage.newBucket();
    const other = limited(bucket, Date.now);
    const image = await write(other, pattern(600));
    const store = limited(bucket, Date.now);
    await store.ready?.();
    await other.delete([image.key]);
    await (await reserve(store, 1_000)).release();
  });

  it("evicts nothing of others that may belong to a job, and all of it once it is an hour old", async () => {
    const bucket = await bench.storage.newBucket();
    let now = HOUR;
    const image = await write(
      limited(bucket, () => now),
      pattern(600),
    );
    const store = limited(bucket, () => now);
    now += HOUR - 1;
    await store.ready?.();
    await expect(reserve(store, 500)).rejects.toBeInstanceOf(StoreFullError);
    expect(await isThere(store, image)).toBe(true);
    now += 1;
    await (await reserve(store, 500)).release();
    expect(await isThere(store, image)).toBe(false);
  });

  it("never evicts its own under a reservation that is held, however old", async () => {
    const bucket = await bench.storage.newBucket();
    let now = HOUR;
    const store = limited(bucket, () => now);
    const reservation = await reserve(store, 600);
    const image = await reservation.write(asImage(inChunks(pattern(600))));
    now += 2 * HOUR;
    await expect(reserve(store, 500)).rejects.toBeInstanceOf(StoreFullError);
    expect(await isThere(store, image)).toBe(true);
    await reservation.release();
  });

  it("lets all who find it full wait for one look", async () => {
    const bucket = await bench.storage.newBucket();
    const store = limited(bucket, Date.now);
    const held = await reserve(store, 1_000);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => reserve(store, 1)));
    expect(tries.map(({ status }) => status)).toEqual(Array(10).fill("rejected"));
    expect(bench.front.count("ListObjectsV2")).toBe(1);
    await held.release();
  });

  it("is full when it cannot be looked at", async () => {
    const store = limited(await bench.storage.newBucket(), Date.now);
    const held = await reserve(store, 1_000);
    bench.front.next("ListObjectsV2", refuse(403, "AccessDenied"));
    await expect(reserve(store, 1)).rejects.toBeInstanceOf(StoreFullError);
    await held.release();
  });
});

describe("a bucket without a limit", () => {
  it("takes any reservation, asking only whether the bucket is there, and not each time", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const reservations = [await reserve(store, 1e15), await reserve(store, 1e15)];
    expect(bench.front.seen.map(({ operation }) => operation)).toEqual(["HeadBucket"]);
    for (const reservation of reservations) await reservation.release();
  });

  it("is full as long as it is not there: nothing is to be paid for that it could not take", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("HeadBucket", refuse(403, "AccessDenied"));
    await expect(reserve(store, 1)).rejects.toBeInstanceOf(StoreFullError);
    await (await reserve(store, 1)).release();
  });
});

describe("the sweep of an open store", () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["Date", "nextTick", "performance", "setImmediate", "setTimeout"] });
  });

  afterEach(() => jest.useRealTimers());

  it("removes each minute what has expired, and ends when the store closes", async () => {
    const bucket = await bench.storage.newBucket();
    let now = HOUR;
    const store = bench.open(bucket, { clock: () => now, ttlSeconds: 60 });
    await write(store, pattern(10));
    now += 60_000;
    const removed = new Promise<void>((resolve) =>
      bench.front.next("DeleteObjects", ({ response }) => {
        response.end("<DeleteResult/>");
        resolve();
      }),
    );
    jest.advanceTimersByTime(60_000);
    await removed;
    await store.close?.();
    expect(jest.getTimerCount()).toBe(0);
  });

  it("tells the logger the code of what the storage refuses", async () => {
    const bucket = await bench.storage.newBucket();
    const warn = jest.fn();
    const warned = new Promise<void>((resolve) => warn.mockImplementation(() => resolve()));
    const logger: Logger = { debug() {}, info() {}, warn, error() {} };
    bench.open(bucket, { logger });
    bench.front.next("ListObjectsV2", refuse(403, "AccessDenied"));
    jest.advanceTimersByTime(60_000);
    await warned;
    expect(warn).toHaveBeenCalledWith({ code: "AccessDenied" }, expect.stringContaining("expired"));
  });
});
