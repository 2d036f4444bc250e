import assert from "node:assert/strict";

import type { ByteRange, ImageStore, Reservation, StoredImage } from "../../ports";

/** What a store is made for. */
export interface ImageStoreConditions {
  /** Stands still but where a test turns it. */
  readonly clock: () => number;
  readonly ttlSeconds: number;
  readonly maxBytes: number;
}

/** One store of its own, with its clock in the test's hand. */
export interface Bench {
  readonly store: ImageStore;
  readonly time: { now: number };
  /** Another instance on the same storage; absent where there can be none. */
  readonly another: (() => Promise<ImageStore>) | undefined;
  /** Fails when `work` takes longer than the suite's patience. */
  soon<T>(work: PromiseLike<T> | T): Promise<T>;
}

export interface StoreTest {
  /** Begins with the number of the rule. */
  readonly title: string;
  readonly maxBytes?: number;
  /** Only for stores that several instances can share. */
  readonly needsAnother?: true;
  run(bench: Bench): Promise<void>;
}

export const TTL_SECONDS = 60;

/** A signal that nobody aborts. */
export const calm = (): AbortSignal => new AbortController().signal;

const PERIOD = 8_191;

/** Bytes that differ from place to place and from seed to seed; prime, the period fits no block size. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < Math.min(length, PERIOD); at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  for (let at = PERIOD; at < length; at += PERIOD) bytes.copyWithin(at, 0, PERIOD);
  return bytes;
}

export async function* inChunks(bytes: Uint8Array, chunkBytes = 16_384): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
}

/** A source that sends `bytes` and then nothing, ever. */
export async function* thenHang(bytes: Uint8Array, onHang: () => void): AsyncGenerator<Uint8Array> {
  yield bytes;
  onHang();
  await new Promise<never>(() => {});
}

export const asImage = (source: AsyncIterable<Uint8Array>, signal = calm()) => ({
  bytes: source,
  contentType: "image/png" as const,
  width: 640,
  height: 480,
  signal,
});

export function reserve(store: ImageStore, bytes: number, owner = "owner"): Promise<Reservation> {
  return store.reserve({ owner, bytes, signal: calm() });
}

/** Writes one image under a reservation of its own, which is released. */
export async function store(target: ImageStore, bytes: Uint8Array, owner = "owner"): Promise<StoredImage> {
  const reservation = await reserve(target, bytes.length, owner);
  try {
    return await reservation.write(asImage(inChunks(bytes)));
  } finally {
    await reservation.release();
  }
}

export async function readBytes(source: ImageStore, key: string, range?: ByteRange): Promise<Uint8Array> {
  const found = await source.read(key, { ...(range && { range }), signal: calm() });
  assert.ok(found, "the image is there");
  return collect(found.body);
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  // Not deepEqual: its message would print every byte.
  assert.equal(actual.length, expected.length, "as many bytes as were written");
  assert.ok(Buffer.from(actual).equals(expected), "the very bytes that were written");
}

export async function isThere(target: ImageStore, image: StoredImage): Promise<boolean> {
  return (await target.stat(image.key)) !== undefined;
}
