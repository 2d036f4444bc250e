import { decodeBase64 } from "../../lib/internal/base64";
import { type ImageStore, StoreFullError } from "../../lib/ports";
import { diskStore } from "../../lib/stores/disk";
import { memoryStore } from "../../lib/stores/memory";
import {
  asImage,
  calm,
  inChunks,
  isThere,
  pattern,
  readBytes,
  reserve,
  thenHang,
  store as write,
} from "../../lib/testing/image-store/bench";

describe.each([
  ["memory", memoryStore],
  ["disk", diskStore],
] as const)("reservations of the %s store", (_name, create) => {
  let store: ImageStore;

  beforeEach(() => {
    store = create({ maxBytes: 1_000 });
  });

  afterEach(async () => store.close?.());

  it("let an image be larger than what was reserved while the store has room", async () => {
    const reservation = await reserve(store, 100);
    const bytes = pattern(1_000);
    const { key } = await reservation.write(asImage(inChunks(bytes, 100)));
    expect(Buffer.from(await readBytes(store, key)).equals(bytes)).toBe(true);
    await reservation.release();
  });

  it("let older images go for an image that is larger than what was reserved", async () => {
    const old = await write(store, pattern(600));
    const reservation = await reserve(store, 100);
    await reservation.write(asImage(inChunks(pattern(500), 100)));
    expect(await isThere(store, old)).toBe(false);
    await reservation.release();
  });

  it("refuse an image for which there is no room, and keep nothing of it", async () => {
    const other = await reserve(store, 500);
    const reservation = await reserve(store, 100);
    await expect(reservation.write(asImage(inChunks(pattern(501), 100)))).rejects.toBeInstanceOf(
      StoreFullError,
    );
    await reservation.write(asImage(inChunks(pattern(500), 100)));
    await other.write(asImage(inChunks(pattern(500), 100)));
    await Promise.all([reservation.release(), other.release()]);
  });

  it("evict nothing for one that cannot be given", async () => {
    const held = await reserve(store, 500);
    const old = await write(store, pattern(400));
    await expect(reserve(store, 501)).rejects.toBeInstanceOf(StoreFullError);
    expect(await isThere(store, old)).toBe(true);
    await held.release();
  });

  it("tell a source that is refused to return", async () => {
    const returned = jest.fn();
    const source = (async function* () {
      try {
        for (;;) yield pattern(600);
      } finally {
        returned();
      }
    })();
    const reservation = await reserve(store, 1_000);
    await expect(reservation.write(asImage(source))).rejects.toBeInstanceOf(StoreFullError);
    expect(returned).toHaveBeenCalledTimes(1);
    await reservation.release();
  });

  it("take no image once they are released", async () => {
    const reservation = await reserve(store, 100);
    await reservation.release();
    await expect(reservation.write(asImage(inChunks(pattern(10))))).rejects.toThrow("released");
  });

  it("are not given to a caller who has left", async () => {
    const signal = AbortSignal.abort(new Error("left"));
    await expect(store.reserve({ owner: "owner", bytes: 1_000, signal })).rejects.toThrow("left");
    await (await reserve(store, 1_000)).release();
  });

  it("are taken back from a caller who leaves while they are made", async () => {
    await store.ready?.();
    const controller = new AbortController();
    const reserving = store.reserve({ owner: "owner", bytes: 1_000, signal: controller.signal });
    controller.abort(new Error("left"));
    await expect(reserving).rejects.toThrow("left");
    await (await reserve(store, 1_000)).release();
  });

  it("keep no image whose writer leaves right after the last byte", async () => {
    const controller = new AbortController();
    const source = (async function* () {
      yield pattern(900);
      controller.abort(new Error("left"));
    })();
    const reservation = await reserve(store, 1_000);
    await expect(reservation.write(asImage(source, controller.signal))).rejects.toThrow("left");
    await reservation.write(asImage(inChunks(pattern(1_000))));
    await reservation.release();
  });

  it.each([Number.NaN, -1])("are not given for %d bytes", async (bytes) => {
    await expect(reserve(store, bytes)).rejects.toThrow(RangeError);
  });

  it("end with the store: what is being written then is rejected", async () => {
    const reservation = await reserve(store, 100);
    let writing: Promise<unknown> = Promise.resolve();
    await new Promise<void>((onHang) => {
      writing = reservation.write(asImage(thenHang(pattern(10), onHang)));
      writing.catch(() => {});
    });
    await store.close?.();
    await expect(writing).rejects.toThrow("closed");
    await expect(reservation.write(asImage(inChunks(pattern(10))))).rejects.toThrow("closed");
    await reservation.release();
  });

  it.each([
    [0, 100],
    [-1, 5],
    [100, 100],
    [5, 4],
    [0.5, 5],
    [0, Number.NaN],
    [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("never led to bytes outside an image: %d to %d of 100", async (start, end) => {
    const { key } = await write(store, pattern(100));
    await expect(store.read(key, { range: { start, end }, signal: calm() })).rejects.toThrow(RangeError);
  });

  it("take what is decoded in one room, and leave whoever looks at it on the way pieces of its own", async () => {
    const bytes = Buffer.from(pattern(900));
    const text = Buffer.from(bytes.toString("base64"), "latin1");
    const pieces = async function* () {
      for (let at = 0; at < text.length; at += 100) yield text.subarray(at, at + 100);
    };
    const reservation = await reserve(store, 900);
    const { key } = await reservation.write(asImage(decodeBase64(pieces())));
    expect(bytes.equals(await readBytes(store, key))).toBe(true);
    await store.delete([key]);

    const gathered: Uint8Array[] = [];
    const gathering = async function* () {
      for await (const piece of decodeBase64(pieces())) gathered.push(piece);
      yield* gathered;
    };
    const { key: other } = await reservation.write(asImage(gathering()));
    expect(bytes.equals(await readBytes(store, other))).toBe(true);
    expect(Buffer.concat(gathered).equals(bytes)).toBe(true);
    await reservation.release();
  });

  it("take an image without any bytes", async () => {
    const image = await write(store, new Uint8Array());
    expect(image.bytes).toBe(0);
    expect(await readBytes(store, image.key)).toHaveLength(0);
  });

  it("serve an image in the order in which its bytes came, however many write at once", async () => {
    await store.close?.();
    store = create({ maxBytes: 50_000_000 });
    const contents = Array.from({ length: 40 }, (_, nth) => pattern(200_000 + nth * 7, nth + 1));
    const reservation = await reserve(store, 10_000_000);
    const images = await Promise.all(
      contents.map((bytes) => reservation.write(asImage(inChunks(bytes, 9_999)))),
    );
    await reservation.release();
    for (const [nth, bytes] of contents.entries()) {
      expect(Buffer.from(await readBytes(store, images[nth]?.key ?? "")).equals(bytes)).toBe(true);
    }
  });
});
