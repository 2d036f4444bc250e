import { memoryStore } from "express-image-gateway/stores/memory";
import { createSpares, type Spares } from "../../../lib/core/pictures/spares";
import type { ImageStore } from "../../../lib/ports";

const BYTES = Buffer.from("a picture of some bytes, as far as anybody here knows");
const TEXT = Buffer.from(BYTES.toString("base64"), "latin1");
/** In one piece: a piece takes a little more than its bytes. */
const WEIGHT = TEXT.length + 256;
const FACTS = { contentType: "image/png", bytes: BYTES.length, width: 3, height: 2 } as const;
const KEPT_MS = 900_000;
const { signal } = new AbortController();

let inner: ImageStore;
let now: number;
let spares: Spares;
const start = (mostBytes?: number) => {
  now = 1_000;
  inner = memoryStore();
  spares = createSpares({
    store: inner,
    clock: () => now,
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
};
afterEach(() => inner.close?.());

/** In pieces that end anywhere. */
function put(size = 7): string {
  const draft = spares.begin();
  for (let at = 0; at < TEXT.length; at += size) expect(draft.add(TEXT.subarray(at, at + size))).toBe(true);
  return draft.keep(FACTS).key;
}

async function read(key: string, range?: { start: number; end: number }): Promise<string | undefined> {
  const found = await spares.store.read(key, { signal, ...(range === undefined ? {} : { range }) });
  if (found === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of found.body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it.each([1, 7, 1_000])("gives a picture back that came in pieces of %i", async (size) => {
  start();
  const key = put(size);
  expect(key).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(await spares.store.stat(key)).toEqual({
    ...FACTS,
    key,
    createdAt: 1_000,
    expiresAt: 1_000 + KEPT_MS,
  });
  expect(await read(key)).toBe(BYTES.toString());
  expect(await read(key, { start: 2, end: 9 })).toBe(BYTES.subarray(2, 10).toString());
  await spares.store.delete([key]);
  expect(await read(key)).toBeUndefined();
});

it("keeps a copy", async () => {
  start();
  const draft = spares.begin();
  const piece = Buffer.from(TEXT);
  draft.add(piece);
  piece.fill(0);
  expect(await read(draft.keep(FACTS).key)).toBe(BYTES.toString());
});

it("takes no more than it has room for, and has it again when pictures go", async () => {
  start(2 * WEIGHT);
  const first = put(TEXT.length);
  const second = spares.begin();
  expect(second.add(TEXT)).toBe(true);
  expect(spares.begin().add(TEXT.subarray(0, 1))).toBe(false);
  expect(Buffer.concat([...second.drain()])).toEqual(TEXT);
  expect([...second.drain()]).toEqual([]);
  const third = spares.begin();
  third.add(TEXT);
  third.drop();
  put(TEXT.length);
  expect(spares.begin().add(TEXT)).toBe(false);
  await spares.store.delete([first]);
  await spares.store.delete([first]);
  put(TEXT.length);
  expect(spares.begin().add(TEXT.subarray(0, 1))).toBe(false);
});

it("forgets what nobody came for, and throws out nothing else", async () => {
  start(WEIGHT);
  const key = put(TEXT.length);
  now += KEPT_MS - 1;
  expect(spares.begin().add(TEXT)).toBe(false);
  expect(await read(key)).toBe(BYTES.toString());
  now += 1;
  expect(await read(key)).toBeUndefined();
  expect(spares.begin().add(TEXT)).toBe(true);
});

it("is the store for all else", async () => {
  start();
  const spare = put();
  const room = await spares.store.reserve({ owner: "o", bytes: 100, signal });
  async function* bytes() {
    yield BYTES;
  }
  const { key } = await room.write({ ...FACTS, bytes: bytes(), signal });
  expect(await read(key)).toBe(BYTES.toString());
  expect(await spares.store.stat(key)).toMatchObject({ key, width: 3 });
  await spares.store.delete([spare, key]);
  expect([await read(spare), await read(key)]).toEqual([undefined, undefined]);
});
