import { pattern, store as write } from "../../../lib/testing/image-store/bench";
import { s3Bench } from "./bench";

const bench = s3Bench();

const DAY = 24 * 3600;

const opened = async (options: { ttlSeconds?: number; clock?: () => number } = {}) => {
  const store = bench.open(await bench.storage.newBucket(), { links: "presigned", ...options });
  const bytes = pattern(10_000);
  return { store, bytes, image: await write(store, bytes) };
};

const secondsOf = (link: string | undefined) => new URL(link ?? "").searchParams.get("X-Amz-Expires");

describe("a presigned link", () => {
  it("gives the image, typed, to be shown, for its rest of life", async () => {
    const { store, bytes, image } = await opened();
    const link = await store.link?.(image.key, { expiresAt: image.expiresAt });
    const answer = await fetch(link ?? "");
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const { headers } = answer;
    expect(headers.get("content-type")).toBe("image/png");
    expect(headers.get("content-disposition")).toBe(`inline; filename="${image.key}.png"`);
    expect(headers.get("cache-control")).toMatch(/^private, max-age=3(?:600|59\d), immutable$/);
  });

  it("is made without asking the storage", async () => {
    const { store, image } = await opened();
    bench.front.reset();
    await store.link?.(image.key, { expiresAt: image.expiresAt });
    expect(bench.front.seen).toEqual([]);
  });

  it("is worth nothing for another image, or with another end", async () => {
    const { store, image } = await opened();
    const other = await write(store, pattern(10));
    const link = (await store.link?.(image.key, { expiresAt: image.expiresAt })) ?? "";
    expect((await fetch(link.replace(image.key, other.key))).status).toBe(403);
    expect((await fetch(link.replace(/(X-Amz-Expires=)\d+/, "$17200"))).status).toBe(403);
    expect((await fetch(link.replace("image%2Fpng", "text%2Fhtml"))).status).toBe(403);
  });

  it("lasts as long as it is asked to", async () => {
    let now = Date.now();
    const { store, image } = await opened({ clock: () => now });
    now += 500;
    expect(secondsOf(await store.link?.(image.key, { expiresAt: now + 60_500 }))).toBe("60");
  });

  it("lasts no longer than its image", async () => {
    let now = Date.now();
    const { store, image } = await opened({ clock: () => now, ttlSeconds: 600 });
    now += 500_000;
    expect(secondsOf(await store.link?.(image.key, { expiresAt: now + 900_000 }))).toBe("100");
  });

  it("lasts no longer than a week", async () => {
    const { store, image } = await opened({ ttlSeconds: 30 * DAY });
    expect(secondsOf(await store.link?.(image.key, { expiresAt: image.expiresAt }))).toBe(String(7 * DAY));
  });

  it("is none for an image that ends within the second, nor for what is no key", async () => {
    let now = Date.now();
    const { store, image } = await opened({ clock: () => now });
    now = image.expiresAt - 999;
    expect(await store.link?.(image.key, { expiresAt: image.expiresAt })).toBeUndefined();
    expect(await store.link?.("../../secrets", { expiresAt: now + 60_000 })).toBeUndefined();
  });

  it("is not there at all where the gateway serves the images", async () => {
    expect(bench.open(await bench.storage.newBucket()).link).toBeUndefined();
  });

  it("tells nothing of the store when it cannot be signed", async () => {
    const bucket = await bench.storage.newBucket();
    const credentials = async () => {
      throw new Error("the vault at 10.0.0.7 is sealed");
    };
    const store = bench.open(bucket, { links: "presigned", credentials });
    const link = store.link?.("1mx0546kipuBqGtDgsjNNBlUiBDM_wo66xK_KoFQJL", {
      expiresAt: Date.now() + 60_000,
    });
    await expect(link).rejects.toThrow("The image store cannot use its bucket.");
  });
});
