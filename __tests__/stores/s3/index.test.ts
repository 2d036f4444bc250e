import { inspect } from "node:util";

import { S3Client } from "@aws-sdk/client-s3";

import { describeError } from "../../../lib/core/describe-error";
import { member } from "../../../lib/internal/json-shape";
import { type ImageStore, StoreFullError } from "../../../lib/ports";
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
import { s3Bench } from "./bench";
import { breakOff, neverAnswer, refuse, slowDown } from "./front";
import { CREDENTIALS } from "./storage";

const bench = s3Bench();

const failure = (work: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(work).then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );

describe("a storage that is too busy", () => {
  it("is asked again, up to three times", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const bytes = pattern(1_000);
    bench.front.next("PutObject", slowDown, refuse(503, "ServiceUnavailable"), refuse(500, "InternalError"));
    const { key } = await write(store, bytes);
    expect(bench.front.count("PutObject")).toBe(4);
    expect(Buffer.from(await readBytes(store, key)).equals(bytes)).toBe(true);
  });

  it("has no room when it says so four times", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("PutObject", slowDown, slowDown, slowDown, slowDown);
    const error = await failure(write(store, pattern(1_000)));
    expect(error).toMatchObject({ name: "StoreFullError", cause: { name: "SlowDown" } });
    expect(bench.front.count("PutObject")).toBe(4);
  });

  it("is asked again for what is read, deleted and listed", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("ListObjectsV2", refuse(503, "ServiceUnavailable"));
    await store.ready?.();
    const { key } = await write(store, pattern(10));
    bench.front.next("HeadObject", refuse(503, "ServiceUnavailable"));
    expect(await store.stat(key)).toBeDefined();
    bench.front.next("GetObject", refuse(503, "ServiceUnavailable"));
    expect(await readBytes(store, key)).toHaveLength(10);
    bench.front.next("DeleteObjects", refuse(503, "ServiceUnavailable"));
    await store.delete([key]);
    expect(await store.stat(key)).toBeUndefined();
  });
});

describe("a storage that is slow", () => {
  it("is asked again when it does not answer in time", async () => {
    const store = bench.open(await bench.storage.newBucket(), { requestTimeoutMs: 200 });
    bench.front.next("PutObject", neverAnswer);
    await write(store, pattern(1_000));
    expect(bench.front.count("PutObject")).toBe(2);
  });

  it("has no room when it never answers", async () => {
    const store = bench.open(await bench.storage.newBucket(), { requestTimeoutMs: 50 });
    bench.front.next("PutObject", neverAnswer, neverAnswer, neverAnswer, neverAnswer);
    await expect(write(store, pattern(1_000))).rejects.toBeInstanceOf(StoreFullError);
  });

  it("is not waited for by a caller who leaves", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const controller = new AbortController();
    const reason = new Error("left");
    const reservation = await reserve(store, 100);
    bench.front.next("PutObject", () => controller.abort(reason));
    const writing = reservation.write(asImage(inChunks(pattern(100)), controller.signal));
    await expect(writing).rejects.toBe(reason);
    await reservation.release();
  });

  it.each([
    ["stat", "HeadObject", (store: ImageStore, key: string) => store.stat(key)],
    ["read", "GetObject", (store: ImageStore, key: string) => store.read(key, { signal: calm() })],
    ["delete", "DeleteObjects", (store: ImageStore, key: string) => store.delete([key])],
    ["ready", "ListObjectsV2", (store: ImageStore) => store.ready?.()],
  ] as const)("does not keep the store from closing during %s", async (_what, operation, ask) => {
    const store = bench.open(await bench.storage.newBucket());
    const { key } = await write(store, pattern(10));
    const asked = new Promise<void>((resolve) => bench.front.next(operation, () => resolve()));
    const asking = failure(Promise.resolve(ask(store, key)));
    await asked;
    await store.close?.();
    expect(await asking).toHaveProperty("message", "The image store is closed.");
  });

  it("holds up nobody for long through a client of the host's without a time limit", async () => {
    const { endpoint } = bench.front;
    const conf = { endpoint, region: "us-east-1", forcePathStyle: true, credentials: CREDENTIALS };
    const client = new S3Client({ ...conf, maxAttempts: 1 });
    jest.useFakeTimers({ doNotFake: ["Date", "nextTick", "setImmediate", "queueMicrotask", "performance"] });
    try {
      const store = bench.open("pictures-1", { client });
      bench.front.next("HeadObject", () => jest.advanceTimersByTime(80_000));
      const error = await failure(store.stat("0mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL".replace("0", "z")));
      expect(error).toMatchObject({ cause: { name: "DeadlineError" } });
    } finally {
      jest.useRealTimers();
      client.destroy();
    }
  });
});

describe("a storage that refuses", () => {
  it("is not asked again: it would say the same", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("PutObject", refuse(403, "AccessDenied"));
    await expect(write(store, pattern(10))).rejects.toBeInstanceOf(StoreFullError);
    expect(bench.front.count("PutObject")).toBe(1);
  });

  it("makes an error of reading, not an absent image", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const { key } = await write(store, pattern(10));
    bench.front.next("HeadObject", refuse(403, "AccessDenied"));
    await expect(store.stat(key)).rejects.toThrow("cannot use its bucket");
    bench.front.next("GetObject", refuse(403, "AccessDenied"));
    await expect(store.read(key, { signal: calm() })).rejects.toThrow("cannot use its bucket");
  });

  it("makes an error of deleting when it keeps one of several", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const { key } = await write(store, pattern(10));
    const refused = `<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code></Error></DeleteResult>`;
    bench.front.next("DeleteObjects", ({ response }) => response.end(refused));
    const error = await failure(store.delete([key]));
    expect(error).toMatchObject({
      message: "The image store cannot use its bucket (AccessDenied).",
      cause: { name: "AccessDenied" },
    });
    const absent = refused.replace("AccessDenied", "NoSuchKey");
    bench.front.next("DeleteObjects", ({ response }) => response.end(absent));
    await store.delete([key]);
  });

  it("makes the store say at the start which options to look at, and lets it try again", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("ListObjectsV2", refuse(403, "AccessDenied"));
    await expect(store.ready?.()).rejects.toThrow(
      /^s3ImageStore: the bucket cannot be used.*; check bucket, /,
    );
    await store.ready?.();
  });

  it.each([
    ["there is no such bucket", { bucket: "nobodys-bucket" }, "NoSuchBucket"],
    // Within Jest the library takes errors of Node for none and wraps them, without their code.
    ["nobody listens", { endpoint: "http://127.0.0.1:1" }, undefined],
    [
      "the secret is wrong",
      { credentials: { ...CREDENTIALS, secretAccessKey: "wrong" } },
      "SignatureDoesNotMatch",
    ],
  ])("is found at the start, also when %s, and named", async (_what, options, code) => {
    const store = bench.open(await bench.storage.newBucket(), options);
    const why = code === undefined ? "" : ` (${code})`;
    const error = await store.ready?.().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining(`the bucket cannot be used${why};`) });
    expect(Reflect.get(Object(error), "code")).toBe(code);
  });

  it("tells neither bucket, address nor key id to whoever shows or logs an error", async () => {
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket);
    const { key } = await write(store, pattern(10));
    for (const operation of [
      "PutObject",
      "HeadObject",
      "GetObject",
      "DeleteObjects",
      "ListObjectsV2",
    ] as const) {
      bench.front.next(operation, refuse(403, "AccessDenied"));
    }
    const errors = [
      await failure(write(store, pattern(10))),
      await failure(store.stat(key)),
      await failure(store.read(key, { signal: calm() })),
      await failure(store.delete([key])),
      await failure(store.ready?.()).then((error) => member(error, "cause")),
    ];
    const { host } = new URL(bench.front.endpoint);
    for (const error of errors) {
      const told = `${error} ${inspect(describeError(error))}`;
      expect(told).toMatch(/AccessDenied|HTTP403/);
      for (const secret of [bucket, host, CREDENTIALS.accessKeyId, key]) expect(told).not.toContain(secret);
    }
  });
});

describe("a connection that breaks before the answer", () => {
  it("is made anew", async () => {
    const store = bench.open(await bench.storage.newBucket());
    bench.front.next("PutObject", breakOff);
    const { key } = await write(store, pattern(10));
    bench.front.next("GetObject", breakOff);
    expect(await readBytes(store, key)).toHaveLength(10);
  });
});

describe("many requests at once", () => {
  it("make Node warn of no leak", async () => {
    const script = `
      const { newKey } = require("./lib/stores/s3/image-name");
      const { s3ImageStore } = require("./lib/stores/s3");
      const store = s3ImageStore({
        bucket: "pictures",
        endpoint: "http://127.0.0.1:1",
        credentials: { accessKeyId: "id", secretAccessKey: "secret" },
        requestTimeoutMs: 5,
      });
      const key = newKey({ expiresAt: Date.now() + 60_000, contentType: "image/png" });
      process.on("warning", ({ name }) => name.startsWith("MaxListeners") && console.log(name));
      Promise.allSettled(Array.from({ length: 11 }, () => store.stat(key))).then((all) => {
        console.log(all.length);
        return store.close();
      });
    `;
    const { code, stdout } = await runChild(script);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "11\n" });
  });
});
