import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";

import { StoreFullError } from "../../../lib/ports";
import {
  asImage,
  calm,
  inChunks,
  pattern,
  readBytes,
  reserve,
  thenHang,
  store as write,
} from "../../../lib/testing/image-store/bench";
import { s3Bench } from "./bench";
import { breakOff, type Fate, loseAnswer, pass, refuse, spoilBody } from "./front";

const PART = 5 * 1024 ** 2;

const bench = s3Bench();

/** Without the question whether the bucket is there. */
const operations = () =>
  bench.front.seen.map(({ operation }) => operation).filter((operation) => operation !== "HeadBucket");

describe("an image in a bucket", () => {
  it("is one object with its type and its facts, and nothing that tells who owns it", async () => {
    const bucket = await bench.storage.newBucket();
    const now = Date.UTC(2030, 0, 1);
    const store = bench.open(bucket, { clock: () => now, ttlSeconds: 60 });
    const { key } = await write(store, pattern(1_000), "alice@example.com");
    const names = await bench.storage.names(bucket);
    expect(names).toEqual([`images/eig-${key}`]);
    const object = await bench.storage.client.send(
      new HeadObjectCommand({ Bucket: bucket, Key: `images/eig-${key}` }),
    );
    expect(object).toMatchObject({
      ContentType: "image/png",
      ContentLength: 1_000,
      Metadata: {
        format: "express-image-gateway/1",
        width: "640",
        height: "480",
        "created-at": String(now),
        "expires-at": String(now + 60_000),
        owner: expect.stringMatching(/^[\w-]{43}$/),
      },
    });
    expect(JSON.stringify([names, object.Metadata])).not.toContain("alice");
  });

  it("lies under the prefix that was asked for, and under none for an empty one", async () => {
    const bucket = await bench.storage.newBucket();
    const deep = await write(bench.open(bucket, { prefix: "a/b-c/" }), pattern(10));
    const top = await write(bench.open(bucket, { prefix: "" }), pattern(10));
    expect(await bench.storage.names(bucket)).toEqual([`a/b-c/eig-${deep.key}`, `eig-${top.key}`]);
  });

  it.each([
    ["an empty one", 0, 0],
    ["one of just a part", PART, 0],
    ["one a byte larger than a part", PART + 1, 2],
    ["one of just two parts", 2 * PART, 2],
    ["one of two parts and some", 2 * PART + 70_001, 3],
  ])("comes back as it was, also %s", async (_what, length, parts) => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const bytes = pattern(length);
    const image = await write(store, bytes);
    expect(image.bytes).toBe(length);
    expect(operations()).toEqual(
      parts === 0
        ? ["PutObject"]
        : ["CreateMultipartUpload", ...Array(parts).fill("UploadPart"), "CompleteMultipartUpload"],
    );
    expect(await store.stat(image.key)).toEqual(image);
    expect(Buffer.from(await readBytes(store, image.key)).equals(bytes)).toBe(true);
  });

  it("is sent in parts of one size, as some storages demand", async () => {
    const store = bench.open(await bench.storage.newBucket());
    // A chunk larger than a part, and chunks that do not end with it.
    const bytes = pattern(2 * PART + 100);
    const reservation = await reserve(store, bytes.length);
    await reservation.write(asImage(inChunks(bytes, PART + 4_321)));
    const parts = bench.front.seen.filter(({ operation }) => operation === "UploadPart");
    expect(parts.map(({ body }) => body.length)).toEqual([PART, PART, 100]);
    await reservation.release();
  });

  it("keeps the bytes that were given, whatever their owner does with its buffer then", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const buffer = new Uint8Array(1_000);
    const source = (async function* () {
      for (const value of [1, 2, 3]) yield buffer.fill(value);
    })();
    const reservation = await reserve(store, 3_000);
    const { key } = await reservation.write(asImage(source));
    const bytes = await readBytes(store, key);
    expect([bytes[0], bytes[1_500], bytes[2_999]]).toEqual([1, 2, 3]);
    await reservation.release();
  });
});

describe("an image that is not written to its end", () => {
  /** One part and some, so that an upload has begun. */
  const begun = pattern(PART + 10);

  it.each([
    ["its source fails", "the source has failed"],
    ["its caller leaves", "the caller has left"],
    ["the store closes", "The image store is closed."],
  ])("leaves no object and no parts when %s", async (what, message) => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const controller = new AbortController();
    const source = async function* () {
      yield begun;
      yield begun;
      if (what === "its source fails") throw new Error(message);
      if (what === "its caller leaves") controller.abort(new Error(message));
      else void store.close?.();
      await new Promise<never>(() => {});
    };
    const reservation = await reserve(store, begun.length);
    await expect(reservation.write(asImage(source(), controller.signal))).rejects.toThrow(message);
    await store.close?.();
    expect(operations().at(-1)).toBe("AbortMultipartUpload");
    expect(await bench.storage.uploads(bucket)).toBe(0);
    expect(await bench.storage.names(bucket)).toEqual([]);
  });

  it.each([
    ["the beginning", "CreateMultipartUpload", PART + 10, 0],
    ["a part", "UploadPart", PART + 10, 0],
    ["the last part", "UploadPart", PART + 10, 1],
    ["the end", "CompleteMultipartUpload", PART + 10, 0],
    ["the whole", "PutObject", 10, 0],
  ] as const)("leaves nothing when the storage refuses %s", async (_what, operation, length, passed) => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    bench.front.next(operation, ...Array<Fate>(passed).fill(pass), refuse(403, "AccessDenied"));
    await expect(write(store, pattern(length))).rejects.toBeInstanceOf(StoreFullError);
    expect(await bench.storage.uploads(bucket)).toBe(0);
    expect(await bench.storage.names(bucket)).toEqual([]);
  });

  it("is gone also where the storage has it and could not say so", async () => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    bench.front.next("PutObject", loseAnswer, loseAnswer, loseAnswer, loseAnswer);
    await expect(write(store, pattern(10))).rejects.toBeInstanceOf(StoreFullError);
    expect(bench.front.count("DeleteObject")).toBe(1);
    expect(await bench.storage.names(bucket)).toEqual([]);
  });

  it("rejects with what went wrong when it cannot be removed either", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("UploadPart", refuse(403, "AccessDenied"));
    bench.front.next("AbortMultipartUpload", refuse(403, "AccessDenied"));
    await expect(write(store, begun)).rejects.toBeInstanceOf(StoreFullError);
  });

  it("takes no room of a store that has a limit", async () => {
    const store = bench.open(await bench.storage.newBucket(), { maxBytes: 1_000 });
    bench.front.next("PutObject", refuse(403, "AccessDenied"));
    const reservation = await reserve(store, 1_000);
    await expect(reservation.write(asImage(inChunks(pattern(1_000))))).rejects.toThrow(StoreFullError);
    await reservation.write(asImage(inChunks(pattern(1_000))));
    await reservation.release();
  });
});

describe("a storage that is asked twice", () => {
  it("keeps an upload whose completion it has forgotten to confirm", async () => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const bytes = pattern(PART + 10);
    bench.front.next("CompleteMultipartUpload", loseAnswer, refuse(404, "NoSuchUpload"));
    const { key } = await write(store, bytes);
    expect(Buffer.from(await readBytes(store, key)).equals(bytes)).toBe(true);
  });

  it("has not completed an upload that it does not know and that has left no object", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("CompleteMultipartUpload", refuse(404, "NoSuchUpload"));
    await expect(write(store, pattern(PART + 10))).rejects.toBeInstanceOf(StoreFullError);
  });

  it("has not completed what it refuses to complete, and is not asked for it", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("CompleteMultipartUpload", refuse(403, "AccessDenied"));
    await expect(write(store, pattern(PART + 10))).rejects.toBeInstanceOf(StoreFullError);
    expect(bench.front.count("HeadObject")).toBe(0);
  });

  it("gets the same bytes again when a connection breaks", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const bytes = pattern(PART + 10);
    bench.front.next("UploadPart", breakOff, breakOff);
    const { key } = await write(store, bytes);
    expect(Buffer.from(await readBytes(store, key)).equals(bytes)).toBe(true);
  });
});

describe("bytes that change on their way", () => {
  it.each([10, PART + 10])("are refused by the storage, also as a part: %i bytes", async (length) => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    bench.front.next(length > PART ? "UploadPart" : "PutObject", spoilBody);
    const error: unknown = await write(store, pattern(length)).catch((reason) => reason);
    expect(error).toMatchObject({ name: "StoreFullError", cause: { name: "XAmzContentSHA256Mismatch" } });
    expect(await bench.storage.names(bucket)).toEqual([]);
  });
});

describe("an object that the store has not written", () => {
  it("is no image, whatever its name", async () => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const { key } = await write(store, pattern(10));
    const { storage } = bench;
    const original = await storage.client.send(
      new GetObjectCommand({ Bucket: bucket, Key: `images/eig-${key}` }),
    );
    const facts = original.Metadata ?? {};
    const anotherEnd = `1${key.slice(1)}`;
    const sameEnd = (last: string) => key.slice(0, -1) + last;
    const others: Record<string, Record<string, string>> = {
      [anotherEnd]: facts,
      [sameEnd("-")]: {},
      [sameEnd("_")]: { ...facts, format: "another/1" },
      ...Object.fromEntries(
        ["width", "height", "created-at", "expires-at"].map((name, nth) => [
          sameEnd(String(nth)),
          { ...facts, [name]: "none" },
        ]),
      ),
    };
    for (const [name, Metadata] of Object.entries(others)) {
      if (name === key) continue;
      await storage.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: `images/eig-${name}`, Body: "bytes", Metadata }),
      );
      expect(await store.stat(name)).toBeUndefined();
      expect(await store.read(name, { signal: calm() })).toBeUndefined();
    }
  });
});

describe("a write that hangs", () => {
  it("does not keep another one from ending", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const reservation = await reserve(store, 1_000);
    const hanging = new AbortController();
    let isHanging = () => {};
    const hung = new Promise<void>((resolve) => {
      isHanging = resolve;
    });
    const first = reservation.write(asImage(thenHang(pattern(100), isHanging), hanging.signal));
    first.catch(() => {});
    await hung;
    await reservation.write(asImage(inChunks(pattern(100))));
    hanging.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    await reservation.release();
  });
});
