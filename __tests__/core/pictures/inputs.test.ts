import { createHash, randomBytes } from "node:crypto";

import { memoryStore } from "express-image-gateway/stores/memory";

import type { InputHold } from "../../../lib/core/pictures/input-hold";
import { createInputs, type Inputs } from "../../../lib/core/pictures/inputs";
import { GatewayError, type ImageStore, StoreFullError } from "../../../lib/ports";
import { picture } from "../../support/scripted-provider";
import { gate, recordingLog, type WatchedStore, watchedStore } from "../bench";

const ANN = { owner: "ann", limitKey: "ann" };
const BOB = { owner: "bob", limitKey: "bob" };
const NEVER = new AbortController().signal;
const LIMITS = { inputBytes: 10_000, uploadBytes: 20_000, inputBytesPerPrincipal: 30_000 };

let store: WatchedStore;
let lines: ReturnType<typeof recordingLog>["lines"];
let inputs: Inputs;

function start(limits: Partial<typeof LIMITS> = {}, inner: ImageStore = memoryStore()): void {
  const recording = recordingLog();
  lines = recording.lines;
  store = watchedStore(inner);
  inputs = createInputs({
    store,
    limits: { ...LIMITS, ...limits },
    log: recording.log,
    jobsOutlive: false,
  });
}
beforeEach(() => start());
afterEach(async () => {
  await inputs.close();
  await store.close?.();
});

/** A picture of so many bytes: what stands behind a PNG's end is nobody's business here. */
const padded = async (bytes: number): Promise<Buffer> => {
  const png = await picture();
  return Buffer.concat([png, randomBytes(bytes - png.length)]);
};

async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const take = (
  hold: InputHold,
  bytes: AsyncIterable<Uint8Array>,
  more: { readonly name?: string; readonly isMask?: boolean; readonly signal?: AbortSignal } = {},
) => {
  const { name = "a.png", isMask = false, signal = NEVER } = more;
  return hold.take({ param: isMask ? "mask" : "image", name, isMask, bytes }, signal);
};

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error("it was taken");
    },
    (error: unknown) => error,
  );

const codeOf = async (work: Promise<unknown>) => {
  const error = await failure(work);
  if (!GatewayError.is(error)) throw error;
  return [error.code, error.param];
};

async function contents(key: string): Promise<Buffer> {
  const found = await store.read(key, { signal: NEVER });
  const pieces: Uint8Array[] = [];
  for await (const piece of found?.body ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("a picture that is taken in", () => {
  it("lies in the store as it came, and is described by its bytes", async () => {
    const jpeg = await picture({ format: "jpeg", width: 20, height: 10 });
    const taken = await take(inputs.hold(ANN), inPieces(jpeg, 7), { name: "photo.png" });
    expect(taken).toEqual({
      key: expect.any(String),
      name: "photo.png",
      type: "image/jpeg",
      bytes: jpeg.length,
      width: 20,
      height: 10,
      digest: createHash("sha256").update(jpeg).digest("hex"),
    });
    expect(await contents(taken.key)).toEqual(jpeg);
  });

  it("is under a reservation that no other request can evict it from", async () => {
    start({}, memoryStore({ maxBytes: 12_000 }));
    const hold = inputs.hold(ANN);
    const { key } = await take(hold, inPieces(await padded(9_000)));
    expect(await codeOf(take(inputs.hold(BOB), inPieces(await padded(9_000))))).toEqual([
      "storage_unavailable",
      null,
    ]);
    expect(await store.stat(key)).toBeDefined();
    await hold.discard();
    expect((await take(inputs.hold(BOB), inPieces(await padded(9_000)))).bytes).toBe(9_000);
  });

  it.each([
    ["../../etc/passwd", "passwd"],
    ["C:\\pictures\\cat.png", "cat.png"],
    ['a"b\r\nc d.png', "a_b_c_d.png"],
    ["猫.png", "_.png"],
    ["", "image"],
    ["dir/", "image"],
    [`${"x".repeat(200)}.png`, `${"x".repeat(96)}.png`],
  ])("loses what is unsafe in its name: %j", async (name, expected) => {
    expect((await take(inputs.hold(ANN), inPieces(await picture()), { name })).name).toBe(expected);
  });
});

describe("what is no picture of use", () => {
  const head = (width: number, height: number) => {
    const png = Buffer.alloc(64);
    png.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 0, "latin1");
    png.writeUInt32BE(width, 16);
    png.writeUInt32BE(height, 20);
    return png;
  };

  it.each<[string, () => Promise<Buffer> | Buffer, { readonly isMask?: boolean }, string]>([
    ["nothing", () => Buffer.alloc(0), {}, "image"],
    ["text", () => Buffer.from("not a picture at all, but long enough to be one"), {}, "image"],
    [
      "SVG",
      () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${" ".repeat(64)}</svg>`),
      {},
      "image",
    ],
    ["half of a PNG's head", () => head(1, 1).subarray(0, 20), {}, "image"],
    ["a side of 16,385 pixels", () => head(16_385, 1), {}, "image"],
    ["65 megapixels", () => head(8_125, 8_000), {}, "image"],
    ["a mask that is a JPEG", () => picture({ format: "jpeg" }), { isMask: true }, "mask"],
    ["an empty mask", () => Buffer.alloc(0), { isMask: true }, "mask"],
  ])("is refused, and leaves nothing behind: %s", async (_title, make, more, param) => {
    const hold = inputs.hold(ANN);
    expect(await codeOf(take(hold, inPieces(await make()), more))).toEqual(["invalid_value", param]);
    await hold.requestEnded();
    expect(await store.kept()).toEqual([]);
    expect(lines).toEqual([]);
  });

  it("is a picture larger than one may be, which is not read further", async () => {
    let read = 0;
    async function* endless() {
      yield await padded(5_000);
      for (;;) {
        read += 1_000;
        yield Buffer.alloc(1_000);
      }
    }
    expect(await codeOf(take(inputs.hold(ANN), endless()))).toEqual(["request_too_large", "image"]);
    expect(read).toBe(6_000);
  });

  it("is one too much for its request", async () => {
    const hold = inputs.hold(ANN);
    await take(hold, inPieces(await padded(10_000)));
    await take(hold, inPieces(await padded(9_000)));
    expect(await codeOf(take(hold, inPieces(await padded(1_001))))).toEqual(["request_too_large", "image"]);
  });
});

describe("what one principal holds", () => {
  it("is bounded over all of its requests, and not over those of others", async () => {
    const [first, second, third] = [inputs.hold(ANN), inputs.hold(ANN), inputs.hold(ANN)];
    for (const hold of [first, second, third]) await take(hold, inPieces(await padded(10_000)));
    expect(await codeOf(take(inputs.hold(ANN), inPieces(await picture())))).toEqual([
      "concurrency_limit",
      null,
    ]);
    expect((await take(inputs.hold(BOB), inPieces(await picture()))).key).toBeDefined();
    await second.discard();
    expect((await take(inputs.hold(ANN), inPieces(await padded(9_000)))).bytes).toBe(9_000);
  });

  it("is told as what may be held, this request included, not as what is held", async () => {
    await take(inputs.hold(ANN), inPieces(await padded(10_000)));
    await take(inputs.hold(ANN), inPieces(await padded(10_000)));
    const third = inputs.hold(ANN);
    await take(third, inPieces(await padded(9_000)));
    const error = await failure(take(third, inPieces(await padded(1_500))));
    expect(error).toMatchObject({
      message:
        "Your unfinished requests, this one included, may hold pictures of at most 30000 bytes at a time. Wait for some to finish.",
    });
  });

  it("is counted by the key of its limits, so that anonymous callers share none of it", async () => {
    start({ uploadBytes: 10_000, inputBytesPerPrincipal: 10_000 });
    await take(inputs.hold({ owner: "anonymous", limitKey: "1" }), inPieces(await padded(9_900)));
    const other = inputs.hold({ owner: "anonymous", limitKey: "2" });
    expect((await take(other, inPieces(await padded(9_900)))).bytes).toBe(9_900);
  });

  it("forgets what was read of a picture that was refused", async () => {
    for (let times = 0; times < 5; times += 1) {
      const hold = inputs.hold(ANN);
      await failure(take(hold, inPieces(await padded(15_000))));
      await hold.requestEnded();
    }
    expect((await take(inputs.hold(ANN), inPieces(await padded(10_000)))).bytes).toBe(10_000);
  });
});

describe("the end", () => {
  it("of a request without a job deletes its pictures", async () => {
    const hold = inputs.hold(ANN);
    await take(hold, inPieces(await picture()));
    expect(await store.kept()).toHaveLength(1);
    await hold.requestEnded();
    expect(await store.kept()).toEqual([]);
  });

  it("of a request with a job leaves them to it", async () => {
    const hold = inputs.hold(ANN);
    await take(hold, inPieces(await picture()));
    hold.keepForJob();
    await hold.requestEnded();
    expect(await store.kept()).toHaveLength(1);
    await Promise.all([hold.discard(), hold.discard()]);
    expect(await store.kept()).toEqual([]);
  });

  it("comes at once for a picture that is still on its way, even from a source that hangs", async () => {
    const hanging = gate();
    const bytes = await padded(5_000);
    async function* slow() {
      yield bytes.subarray(0, 3_000);
      hanging.open();
      await new Promise(() => {});
    }
    const hold = inputs.hold(ANN);
    const taking = failure(take(hold, slow()));
    await hanging.opened;
    await inputs.close();
    expect(await taking).toMatchObject({ code: "draining" });
    expect(store.written).toEqual([]);
    expect(() => inputs.hold(ANN)).toThrow(expect.objectContaining({ code: "draining" }));
  });

  it("comes before the first bytes, too", async () => {
    const asked = gate();
    async function* silent(): AsyncGenerator<Uint8Array> {
      asked.open();
      await new Promise(() => {});
      yield Buffer.alloc(0);
    }
    const taking = failure(take(inputs.hold(ANN), silent()));
    await asked.opened;
    await inputs.close();
    expect(await taking).toMatchObject({ code: "draining" });
  });

  it("leaves the pictures of jobs that go on elsewhere when all is closed, and no others", async () => {
    const elsewhere = createInputs({ store, limits: LIMITS, log: recordingLog().log, jobsOutlive: true });
    const [waiting, reading] = [elsewhere.hold(ANN), elsewhere.hold(ANN)];
    const kept = await take(waiting, inPieces(await padded(2_000)));
    await take(reading, inPieces(await padded(2_000)));
    waiting.keepForJob();
    await elsewhere.close();
    expect(await store.kept()).toEqual([kept.key]);
  });

  it("discards whatever is held when all is closed, a job's pictures included", async () => {
    const [first, second] = [inputs.hold(ANN), inputs.hold(BOB)];
    await take(first, inPieces(await picture()));
    await take(second, inPieces(await picture({ seed: 1 })));
    second.keepForJob();
    await inputs.close();
    expect(await store.kept()).toEqual([]);
  });
});

describe("a failure", () => {
  it("of the source is what is thrown, and leaves nothing", async () => {
    const broken = new Error("the connection broke");
    async function* breaking() {
      yield await padded(2_000);
      throw broken;
    }
    const hold = inputs.hold(ANN);
    expect(await failure(take(hold, breaking()))).toBe(broken);
    expect(store.written).toEqual([]);
  });

  it("by the caller's leaving is the reason that its signal gives", async () => {
    const controller = new AbortController();
    const gone = new Error("gone");
    async function* leaving() {
      yield await padded(2_000);
      controller.abort(gone);
      yield Buffer.alloc(1_000);
    }
    expect(await failure(take(inputs.hold(ANN), leaving(), { signal: controller.signal }))).toBe(gone);
    expect(store.written).toEqual([]);
  });

  it.each([
    ["to reserve", new StoreFullError("full"), "There is no room"],
    ["to reserve, for another reason", new Error("EACCES /srv/images"), "Pictures cannot be kept"],
  ])("of the store %s says that it can be tried again", async (_title, error, words) => {
    start(
      {},
      {
        reserve: () => Promise.reject(error),
        stat: async () => undefined,
        read: async () => undefined,
        delete: async () => {},
      },
    );
    const refused = await failure(take(inputs.hold(ANN), inPieces(await picture())));
    expect(refused).toMatchObject({ code: "storage_unavailable", retry: true, retryAfterSeconds: 30 });
    expect(String(refused)).toContain(words);
    expect(String(refused)).not.toContain("/srv");
  });

  it("of the store to delete is logged and gives the room back all the same", async () => {
    const inner = memoryStore();
    start(
      { uploadBytes: 10_000, inputBytesPerPrincipal: 10_000 },
      {
        reserve: (request) => inner.reserve(request),
        stat: (key) => inner.stat(key),
        read: (key, options) => inner.read(key, options),
        delete: () => Promise.reject(new Error("EIO")),
        close: () => inner.close?.(),
      },
    );
    const hold = inputs.hold(ANN);
    await take(hold, inPieces(await padded(9_000)));
    await hold.discard();
    expect(lines).toEqual([
      { level: "warn", about: expect.anything(), message: expect.stringContaining("could not be deleted") },
    ]);
    expect((await take(inputs.hold(ANN), inPieces(await padded(9_000)))).bytes).toBe(9_000);
  });
});
