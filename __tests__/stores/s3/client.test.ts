import { once } from "node:events";

import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

import { pattern, readBytes, store as write } from "../../../lib/testing/image-store/bench";
import { s3Bench } from "./bench";
import { CREDENTIALS } from "./storage";

const bench = s3Bench();

describe("the client of an S3 store", () => {
  it("is ended with the store when it is the store's own", async () => {
    const store = bench.open(await bench.storage.newBucket());
    await store.ready?.();
    const sockets = bench.front.seen.map(({ socket }) => socket);
    await store.close?.();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, "close")));
    expect(sockets).toHaveLength(1);
  });

  it("stays when it is the host's", async () => {
    const { endpoint } = bench.front;
    const client = new S3Client({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: CREDENTIALS,
    });
    const bucket = await bench.storage.newBucket();
    const store = bench.open(bucket, { client });
    const bytes = pattern(6_000_000);
    const { key } = await write(store, bytes);
    expect(Buffer.from(await readBytes(store, key)).equals(bytes)).toBe(true);
    await store.delete([key]);
    await store.close?.();
    expect(await client.send(new ListObjectsV2Command({ Bucket: bucket }))).toHaveProperty("KeyCount", 0);
    client.destroy();
  });

  it("signs with credentials that come from a function", async () => {
    const store = bench.open(await bench.storage.newBucket(), { credentials: async () => CREDENTIALS });
    await store.ready?.();
    expect(bench.front.seen.at(-1)?.headers["authorization"]).toContain(CREDENTIALS.accessKeyId);
  });

  it("signs for the region that is named, and for some region where an address is enough", async () => {
    const bucket = await bench.storage.newBucket();
    await bench.open(bucket, { region: "eu-central-1" }).ready?.();
    await bench.open(bucket).ready?.();
    const scopes = bench.front.seen.map(({ headers }) => headers["authorization"]?.split("/")[2]);
    expect(scopes).toEqual(["eu-central-1", "us-east-1"]);
  });
});

describe("a closed S3 store", () => {
  it("refuses everything", async () => {
    const store = bench.open(await bench.storage.newBucket());
    const { key } = await write(store, pattern(10));
    await store.close?.();
    const { signal } = new AbortController();
    await expect(store.ready?.()).rejects.toThrow("closed");
    await expect(store.stat(key)).rejects.toThrow("closed");
    await expect(store.read(key, { signal })).rejects.toThrow("closed");
    await expect(store.delete([key])).rejects.toThrow("closed");
    await expect(store.reserve({ owner: "owner", bytes: 1, signal })).rejects.toThrow("closed");
  });
});
