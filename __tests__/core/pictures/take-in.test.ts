import { memoryStore } from "express-image-gateway/stores/memory";
import sharp from "sharp";

import type { Convert } from "../../../lib/core/pictures/conversions";
import { createHandover, type HandedOver, type Handover } from "../../../lib/core/pictures/handover";
import { createSpares, type Spares } from "../../../lib/core/pictures/spares";
import { type Desk, relayPartial, takeIn } from "../../../lib/core/pictures/take-in";
import {
  GatewayError,
  type HttpClient,
  HttpError,
  type HttpFailure,
  type HttpRequest,
  type ImageOut,
  type ImageStore,
  type JobImage,
  ProviderError,
  type Reservation,
  StoreFullError,
} from "../../../lib/ports";
import { signalled } from "../../support/gate";
import { bytesOut, picture } from "../../support/scripted-provider";
import { noHttp } from "../bench";

const MAX_BYTES = 64 * 1024;

let store: ImageStore;
let reservation: Reservation;
let png: Buffer;
beforeAll(async () => {
  png = await picture({ width: 12, height: 10 });
});
beforeEach(async () => {
  store = memoryStore();
  reservation = await store.reserve({ owner: "o", bytes: MAX_BYTES, signal: new AbortController().signal });
});
afterEach(() => store.close?.());

interface Setup {
  readonly fetcher?: HttpClient;
  readonly signal?: AbortSignal;
  readonly reservation?: Reservation;
  readonly handover?: Handover;
  readonly keeps?: boolean;
  readonly spares?: Spares;
  readonly place?: number;
  readonly convert?: Convert;
  /** Gets what is told of pictures that could not be kept. */
  readonly unkept?: unknown[];
}

const deskOf = ({
  fetcher = noHttp,
  handover,
  keeps = false,
  spares,
  convert,
  unkept,
  ...rest
}: Setup): Desk => ({
  room: async () => rest.reservation ?? reservation,
  fetcher,
  maxBytes: MAX_BYTES,
  handover,
  keeps,
  spares,
  unkept: (error) => void unkept?.push(error),
  convert,
});

const take = (out: ImageOut, setup: Setup = {}) =>
  takeIn(out, setup.place ?? 0, deskOf(setup), setup.signal ?? new AbortController().signal);

const stored = async ({ kept }: JobImage): Promise<Buffer> => {
  const found = await store.read(kept?.key ?? "", { signal: new AbortController().signal });
  const pieces: Uint8Array[] = [];
  for await (const piece of found?.body ?? []) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** Pieces of a source that tells whether it was closed. */
function source(pieces: readonly Uint8Array[], error?: unknown) {
  const state = { isClosed: false, read: 0 };
  async function* open() {
    try {
      for (const piece of pieces) {
        state.read += 1;
        yield piece;
      }
      if (error !== undefined) throw error;
    } finally {
      state.isClosed = true;
    }
  }
  return { state, open };
}

const base64Of = (text: string): ImageOut => ({
  data: { as: "base64", open: source([Buffer.from(text)]).open },
});
const urlOut = (url: string): ImageOut => ({ data: { as: "url", url } });

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A fetcher that gives one answer to everything, and tells whether its body was let go. */
function fetcher(status: number, pieces: readonly Uint8Array[], error?: HttpError) {
  const requests: HttpRequest[] = [];
  const { state, open } = source(pieces, error);
  const client: HttpClient = {
    async request(request) {
      requests.push(request);
      const body = open();
      const letGo = async () => {
        state.isClosed = true;
        return body.return(undefined);
      };
      return {
        status,
        headers: {},
        body: { [Symbol.asyncIterator]: () => ({ next: () => body.next(), return: letGo }) },
      };
    },
  };
  return { client, requests, state };
}

describe("takeIn", () => {
  it("stores bytes under what they are, whatever the provider calls them", async () => {
    const jpeg = await picture({ format: "jpeg", width: 9 });
    const image = await take(bytesOut(jpeg, { type: "image/png", width: 1000, height: 1000 }));
    expect(image).toMatchObject({ contentType: "image/jpeg", width: 9, height: 8, bytes: jpeg.length });
    expect(await stored(image)).toEqual(jpeg);
  });

  it.each(["png", "jpeg", "webp", "gif", "avif"] as const)("takes %s", async (format) => {
    const bytes = await sharp(png).toFormat(format).toBuffer();
    expect(await take(bytesOut(bytes))).toMatchObject({
      contentType: `image/${format}`,
      width: 12,
      height: 10,
    });
  });

  it("decodes base64, with a prefix and with lines", async () => {
    const lines = png.toString("base64").replace(/.{76}/g, "$&\r\n");
    for (const text of [png.toString("base64"), `data:image/png;base64,${lines}\n`]) {
      const image = await take(base64Of(text));
      expect(image.width).toBe(12);
      expect(await stored(image)).toEqual(png);
    }
  });

  it("decodes a data: URL without asking the network", async () => {
    const image = await take(urlOut(`DATA:image/png;charset=utf-8;base64,${png.toString("base64")}`));
    expect(await stored(image)).toEqual(png);
  });

  it("takes no letter of a data: URL for another one", async () => {
    // U+0141, whose lower byte is that of an A.
    const text = png.toString("base64").replace("A", "Ł");
    await expect(take(urlOut(`data:image/png;base64,${text}`))).rejects.toMatchObject({
      fault: "protocol",
      message: "The provider sent broken image data.",
    });
  });

  it("fetches an address through the guarded client, with a cap and without credentials", async () => {
    const { client, requests } = fetcher(200, [png.subarray(0, 20), png.subarray(20)]);
    const { signal } = new AbortController();
    const image = await take(urlOut("https://cdn.example/1.png"), { fetcher: client, signal });
    expect(await stored(image)).toEqual(png);
    expect(requests).toEqual([
      { method: "GET", url: "https://cdn.example/1.png", signal, maxBytes: MAX_BYTES },
    ]);
  });

  it.each([301, 302, 206, 204, 403, 404, 500])(
    "refuses an answer of %i and lets it go unread",
    async (status) => {
      const { client, state } = fetcher(status, [png]);
      await expect(take(urlOut("https://cdn.example/1.png"), { fetcher: client })).rejects.toMatchObject({
        fault: "protocol",
        info: { started: "yes" },
      });
      expect(state).toEqual({ isClosed: true, read: 0 });
    },
  );

  it.each<HttpFailure>([
    "dns",
    "blocked",
    "tls",
    "idle_timeout",
    "total_timeout",
    "too_large",
    "reset",
    "aborted",
  ])("counts a fetch that fails with %s as a picture that cannot be had", async (failure) => {
    const error = new HttpError(failure, "no", "at 10.0.0.1");
    const atOnce: HttpClient = { request: () => Promise.reject(error) };
    const later = fetcher(200, [png.subarray(0, 40)], error).client;
    for (const each of [atOnce, later]) {
      const taken = take(urlOut("https://cdn.example/1.png"), { fetcher: each });
      await expect(taken).rejects.toMatchObject({
        fault: "protocol",
        message: "A picture that the provider made could not be fetched.",
      });
    }
  });

  it("does not take its own abort for the provider's fault", async () => {
    const gone = new AbortController();
    const error = new HttpError("aborted", "no", "x");
    const client: HttpClient = {
      async request() {
        gone.abort();
        throw error;
      },
    };
    await expect(take(urlOut("https://a.example"), { fetcher: client, signal: gone.signal })).rejects.toBe(
      error,
    );
  });

  it.each([
    ["SVG", "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'><script/></svg>"],
    ["HTML", "<!doctype html><title>502</title>"],
    ["a zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00"],
    ["nothing", ""],
  ])("refuses %s in every form and closes its source", async (_name, text) => {
    const bytes = Buffer.from(text, "latin1");
    const data = { as: "bytes", ...source([bytes, Buffer.alloc(100)]) } as const;
    await expect(take({ data })).rejects.toMatchObject({ fault: "protocol", info: { started: "yes" } });
    await settled();
    expect(data.state.isClosed).toBe(true);
    await expect(take(base64Of(bytes.toString("base64")))).rejects.toMatchObject({ fault: "protocol" });
    const { client, state } = fetcher(200, [bytes, Buffer.alloc(100)]);
    await expect(take(urlOut("https://a.example"), { fetcher: client })).rejects.toMatchObject({
      fault: "protocol",
    });
    await settled();
    expect(state.isClosed).toBe(true);
  });

  it("refuses a picture that claims too many pixels, unread and with its source closed", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d49484452000000000000000008060000000000000000", "hex");
    for (const [width, height] of [
      [65_000, 65_000],
      [16_385, 1],
      [8_001, 8_000],
    ] as const) {
      header.writeUInt32BE(width, 16);
      header.writeUInt32BE(height, 20);
      const data = { as: "bytes", ...source([header, Buffer.alloc(1000)]) } as const;
      await expect(take({ data })).rejects.toThrow("too many pixels");
      await settled();
      expect(data.state).toEqual({ isClosed: true, read: 1 });
    }
  });

  it("cuts a picture at its limit of bytes, decoded ones for base64, and keeps nothing of it", async () => {
    const big = Buffer.concat([png, Buffer.alloc(MAX_BYTES - png.length)]);
    expect((await take(bytesOut(big))).bytes).toBe(MAX_BYTES);
    expect((await take(base64Of(big.toString("base64")))).bytes).toBe(MAX_BYTES);
    const tooBig = Buffer.concat([big, Buffer.alloc(1)]);
    const written: string[] = [];
    const watching: Reservation = {
      ...reservation,
      async write(image) {
        const kept = await reservation.write(image);
        written.push(kept.key);
        return kept;
      },
    };
    const data = { as: "bytes", ...source([tooBig.subarray(0, 1000), tooBig.subarray(1000), png]) } as const;
    await expect(take({ data }, { reservation: watching })).rejects.toThrow("too many bytes");
    await expect(take(base64Of(tooBig.toString("base64")), { reservation: watching })).rejects.toThrow(
      "too many bytes",
    );
    expect(written).toEqual([]);
    expect(data.state).toEqual({ isClosed: true, read: 2 });
  });

  it.each([
    ["%%%%", "The provider sent broken image data."],
    ["iVBOR===", "The provider sent broken image data."],
    ["====", "The provider sent broken image data."],
    ["iVBORw0KGgo", "The provider sent something that is not a picture."],
    ["not base64 at all", "The provider sent something that is not a picture."],
  ])("refuses %j: %s", async (text, message) => {
    await expect(take(base64Of(text))).rejects.toMatchObject({ fault: "protocol", message });
  });

  it("also when the data breaks in the middle of a picture", async () => {
    const text = png.toString("base64");
    await expect(take(base64Of(`${text.slice(0, -20)}!${text.slice(-20)}`))).rejects.toThrow(
      "broken image data",
    );
  });

  it("counts a connection that breaks under the data as work done, and silence as a timeout", async () => {
    const broken = (failure: HttpFailure) =>
      take({
        data: {
          as: "base64",
          open: source(
            [Buffer.from(png.toString("base64").slice(0, 80))],
            new HttpError(failure, "maybe", "x"),
          ).open,
        },
      });
    await expect(broken("reset")).rejects.toMatchObject({ fault: "protocol", info: { started: "yes" } });
    await expect(broken("truncated")).rejects.toMatchObject({ fault: "protocol", info: { started: "yes" } });
    await expect(broken("idle_timeout")).rejects.toMatchObject({
      fault: "timeout",
      info: { started: "yes" },
    });
  });

  it("blames the provider when its data cannot be opened", async () => {
    const open = () => {
      throw new TypeError("cannot read secret of undefined");
    };
    for (const as of ["bytes", "base64"] as const) {
      await expect(take({ data: { as, open } })).rejects.toMatchObject({
        fault: "internal",
        message: "The provider failed.",
      });
    }
  });

  it("blames the store when that fails, and says not to pay again", async () => {
    for (const cause of [new StoreFullError("full"), new Error("EACCES /var/lib/secret")]) {
      const data = { as: "bytes", ...source([png, png]) } as const;
      const failing: Reservation = { write: () => Promise.reject(cause), release: async () => {} };
      const error = await take({ data }, { reservation: failing }).catch((each: unknown) => each);
      expect(GatewayError.is(error)).toBe(true);
      expect(error).toMatchObject({
        code: "storage_unavailable",
        retry: false,
        retryAfterSeconds: undefined,
        cause,
      });
      expect(String(error)).not.toContain("secret");
      await settled();
      expect(data.state.isClosed).toBe(true);
    }
  });
});

/** What a caller makes of what it is handed: it reads everything, in order. */
async function readAll(handover: Handover): Promise<{ readonly item: HandedOver; readonly text: string }[]> {
  const read: { item: HandedOver; text: string }[] = [];
  for (let item = await handover.next(); item !== undefined; item = await handover.next()) {
    let text = "";
    if (item.kind === "passing")
      for await (const piece of item.picture.base64) text += Buffer.from(piece).toString();
    read.push({ item, text });
  }
  return read;
}

describe("a picture whose caller waits for it", () => {
  const inOrder = () => createHandover({ inOrder: true });
  const noRoom: Partial<Setup> = {
    reservation: { write: () => Promise.reject(new Error("not to be written")), release: async () => {} },
  };

  it.each([
    ["base64", () => base64Of(png.toString("base64"))],
    ["base64 with a prefix and lines", () => base64Of(`data:image/png;base64,${png.toString("base64")}\n`)],
    ["bytes", () => bytesOut(png)],
    ["a data: URL", () => urlOut(`data:image/png;base64,${png.toString("base64")}`)],
  ])("passes as plain base64 when it comes as %s, and is not stored", async (_name, out) => {
    const handover = inOrder();
    const reading = readAll(handover);
    const image = await take(out(), { handover, ...noRoom });
    handover.close();
    const [{ item, text } = { item: undefined, text: "" }] = await reading;
    expect(text).toBe(png.toString("base64"));
    expect(item).toMatchObject({
      kind: "passing",
      picture: { place: 0, contentType: "image/png", width: 12, height: 10 },
    });
    expect(image).toEqual({ place: 0, contentType: "image/png", width: 12, height: 10, bytes: png.length });
  });

  it("passes what is fetched from an address", async () => {
    const handover = inOrder();
    const reading = readAll(handover);
    const { client } = fetcher(200, [png.subarray(0, 31), png.subarray(31)]);
    await take(urlOut("https://cdn.example/1.png"), { handover, fetcher: client, ...noRoom });
    handover.close();
    expect((await reading).map(({ text }) => text)).toEqual([png.toString("base64")]);
  });

  it("is asked for its revised prompt when its data has been read", async () => {
    const handover = inOrder();
    let revised: string | undefined;
    const { open } = source([png]);
    const out: ImageOut = {
      data: {
        as: "bytes",
        async *open() {
          yield* open();
          revised = "late";
        },
      },
      get revisedPrompt() {
        return revised;
      },
    };
    const taking = take(out, { handover, ...noRoom });
    const item = await handover.next();
    if (item?.kind !== "passing") throw new Error("nothing passes");
    for await (const _ of item.picture.base64);
    expect(item.picture.revisedPrompt()).toBe("late");
    expect((await taking).revisedPrompt).toBe("late");
  });

  it("is told nothing before the first bytes are a picture", async () => {
    const handover = inOrder();
    await expect(take(base64Of(Buffer.from("<html>").toString("base64")), { handover })).rejects.toThrow(
      "not a picture",
    );
    handover.close();
    expect(await handover.next()).toBeUndefined();
  });

  it("breaks for its caller as for the job when it breaks in the middle", async () => {
    const handover = inOrder();
    const reading = readAll(handover).catch((error: unknown) => error);
    const broken = {
      as: "bytes",
      ...source([png.subarray(0, 60)], new HttpError("reset", "maybe", "x")),
    } as const;
    const taken = take({ data: broken }, { handover }).catch((error: unknown) => error);
    expect(await taken).toMatchObject({ fault: "protocol" });
    expect(await reading).toBe(await taken);
    expect(broken.state.isClosed).toBe(true);
  });

  it("is cut at its limit of bytes while it passes", async () => {
    const handover = inOrder();
    const reading = readAll(handover).catch((error: unknown) => error);
    const tooBig = Buffer.concat([png, Buffer.alloc(MAX_BYTES)]).toString("base64");
    const { open } = source([Buffer.from(tooBig.slice(0, 200)), Buffer.from(tooBig.slice(200))]);
    await expect(take({ data: { as: "base64", open } }, { handover })).rejects.toThrow("too many bytes");
    expect(await reading).toMatchObject({ fault: "protocol" });
  });

  it("is stored when it is not its turn, and comes out of the store in its turn", async () => {
    const handover = inOrder();
    const second = await take(bytesOut(png), { handover, place: 1 });
    expect(await stored(second)).toEqual(png);
    const reading = readAll(handover);
    await take(bytesOut(png), { handover, place: 0, ...noRoom });
    handover.close();
    expect((await reading).map(({ item }) => item)).toMatchObject([
      { kind: "passing", picture: { place: 0 } },
      { kind: "kept", place: 1, image: second },
    ]);
  });

  it("is stored while another one passes", async () => {
    const handover = createHandover({ inOrder: false });
    const first = take(bytesOut(png), { handover, place: 3 });
    const item = await handover.next();
    const other = await take(bytesOut(png), { handover, place: 0 });
    expect(other.kept).toBeDefined();
    if (item?.kind === "passing") for await (const _ of item.picture.base64);
    expect((await first).kept).toBeUndefined();
    expect(await handover.next()).toEqual({ kind: "kept", place: 0, image: other });
  });

  it("is stored when the caller has left before it came, or before it read any of it", async () => {
    const gone = inOrder();
    gone.leave();
    expect(await stored(await take(bytesOut(png), { handover: gone }))).toEqual(png);
    const going = inOrder();
    const taking = take(bytesOut(png), { handover: going });
    await going.next();
    going.leave();
    expect(await stored(await taking)).toEqual(png);
  });

  it("is lost, and its job cancelled, when the caller leaves in the middle", async () => {
    const handover = inOrder();
    const data = { as: "bytes", ...source([png.subarray(0, 60), png.subarray(60)]) } as const;
    const taking = take({ data }, { handover, ...noRoom });
    const item = await handover.next();
    if (item?.kind !== "passing") throw new Error("nothing passes");
    for await (const _ of item.picture.base64) break;
    await expect(taking).rejects.toMatchObject({ code: "job_cancelled" });
    expect(data.state.isClosed).toBe(true);
  });

  describe("and that is to be kept as well", () => {
    it("goes both ways at once, no faster than its caller reads", async () => {
      const handover = inOrder();
      const pieces = Array.from({ length: 20 }, (_, at) =>
        png.subarray(at * 30, at < 19 ? (at + 1) * 30 : undefined),
      );
      const { state, open } = source(pieces);
      const taking = take({ data: { as: "bytes", open } }, { handover, keeps: true });
      const item = await handover.next();
      if (item?.kind !== "passing") throw new Error("nothing passes");
      await settled();
      expect(state.read).toBeLessThanOrEqual(3);
      let text = "";
      for await (const piece of item.picture.base64) text += Buffer.from(piece).toString();
      const image = await taking;
      expect(text).toBe(png.toString("base64"));
      expect(await stored(image)).toEqual(png);
    });

    it("is stored whole though its caller leaves in the middle", async () => {
      const handover = inOrder();
      const { open } = source([png.subarray(0, 60), png.subarray(60, 90), png.subarray(90)]);
      const taking = take({ data: { as: "bytes", open } }, { handover, keeps: true });
      const item = await handover.next();
      if (item?.kind !== "passing") throw new Error("nothing passes");
      for await (const _ of item.picture.base64) break;
      expect(await stored(await taking)).toEqual(png);
    });

    it("is stored whole though its caller leaves before it has looked at it", async () => {
      const handover = inOrder();
      const taking = take(bytesOut(png), { handover, keeps: true });
      await settled();
      handover.leave();
      expect(await stored(await taking)).toEqual(png);
    });

    describe("but cannot be", () => {
      const full: Reservation = {
        async write({ bytes }) {
          for await (const _ of bytes) break;
          throw new StoreFullError("full");
        },
        release: async () => {},
      };
      const halves = () =>
        ({ data: { as: "bytes", open: source([png.subarray(0, 60), png.subarray(60)]).open } }) as const;

      it("goes to its caller all the same, who has it then", async () => {
        const handover = inOrder();
        const reading = readAll(handover);
        const unkept: unknown[] = [];
        const image = await take(halves(), { handover, keeps: true, reservation: full, unkept });
        handover.close();
        expect((await reading).map(({ text }) => text)).toEqual([png.toString("base64")]);
        expect(image).toMatchObject({ bytes: png.length, width: 12 });
        expect(image.kept).toBeUndefined();
        expect(unkept).toEqual([expect.objectContaining({ code: "storage_unavailable" })]);
      });

      it("is lost when its caller has read it, and left before that is known: it may come again", async () => {
        const handover = inOrder();
        const failing = signalled();
        const late: Reservation = {
          async write({ bytes }) {
            for await (const _ of bytes);
            await failing.promise;
            throw new Error("the disk is gone");
          },
          release: async () => {},
        };
        const reading = readAll(handover);
        const taking = take(halves(), { handover, keeps: true, reservation: late });
        await settled();
        handover.leave();
        await reading;
        failing.resolve();
        await expect(taking).rejects.toMatchObject({ code: "storage_unavailable", retry: false });
      });

      it("is lost when its caller leaves in the middle", async () => {
        const handover = inOrder();
        const taking = take(halves(), { handover, keeps: true, reservation: full });
        const item = await handover.next();
        if (item?.kind !== "passing") throw new Error("nothing passes");
        for await (const _ of item.picture.base64) break;
        await expect(taking).rejects.toMatchObject({ code: "storage_unavailable", retry: false });
      });
    });

    it.each([
      ["in memory", 1_000_000, true],
      ["in the store, what memory has taken included, once that has no more room", 400, false],
    ])("for a retry only: lies %s", async (_where, mostBytes, isSpared) => {
      const spares = createSpares({ store, clock: Date.now, mostBytes });
      const handover = inOrder();
      const reading = readAll(handover);
      const pieces = Array.from({ length: 8 }, (_, at) =>
        png.subarray(at * 30, at < 7 ? at * 30 + 30 : undefined),
      );
      const out: ImageOut = { data: { as: "bytes", open: source(pieces).open } };
      const { kept, ...facts } = await take(out, { handover, keeps: true, spares });
      handover.close();
      expect((await reading).map(({ text }) => text)).toEqual([png.toString("base64")]);
      expect(facts).toMatchObject({ bytes: png.length, width: 12, contentType: "image/png" });
      const key = kept?.key ?? "";
      expect((await store.stat(key)) === undefined).toBe(isSpared);
      expect(await spares.store.stat(key)).toMatchObject({ ...kept, bytes: png.length, width: 12 });
    });

    it("leaves nothing in memory when its job is stopped, though the provider goes on", async () => {
      const gone = new AbortController();
      const spares = createSpares({ store, clock: Date.now, mostBytes: 400 });
      const handover = inOrder();
      async function* hanging() {
        yield png.subarray(0, 60);
        await new Promise(() => {});
      }
      const out: ImageOut = { data: { as: "bytes", open: hanging } };
      const taking = take(out, { handover, keeps: true, spares, signal: gone.signal });
      readAll(handover).catch(() => {});
      await settled();
      expect(spares.begin().add(Buffer.alloc(90))).toBe(false);
      gone.abort(new Error("stopped"));
      handover.leave();
      await expect(taking).rejects.toThrow("stopped");
      expect(spares.begin().add(Buffer.alloc(90))).toBe(true);
    });

    it("breaks both ways when the provider breaks it off", async () => {
      const handover = inOrder();
      const reading = readAll(handover).catch((error: unknown) => error);
      const { open } = source(
        [png.subarray(0, 60)],
        new ProviderError("unavailable", "gone", { started: "yes" }),
      );
      const taking = take({ data: { as: "bytes", open } }, { handover, keeps: true });
      await expect(taking).rejects.toMatchObject({ fault: "unavailable" });
      expect(await reading).toBeInstanceOf(Error);
    });
  });
});

describe("an unfinished version of a picture", () => {
  const partial = (): ImageOut => ({ ...bytesOut(png), partial: 1 });
  const relay = (handover: Handover | undefined, out = partial(), previewBytes = 0) =>
    relayPartial(
      out,
      2,
      deskOf(handover === undefined ? {} : { handover }),
      previewBytes,
      new AbortController().signal,
    );

  it("passes whole, with its number and place, and waits until it has been read", async () => {
    const handover = createHandover({ inOrder: false });
    let isRelayed = false;
    const relaying = relay(handover).then(() => {
      isRelayed = true;
    });
    const item = await handover.next();
    await settled();
    expect(isRelayed).toBe(false);
    expect(item).toMatchObject({ kind: "passing", picture: { place: 2, partial: 1, width: 12 } });
    if (item?.kind === "passing") for await (const _ of item.picture.base64);
    await relaying;
  });

  it("is a preview as well where it is small enough", async () => {
    for (const [bytes, expected] of [
      [png.length, { type: "image/png", bytes: png }],
      [png.length - 1, undefined],
    ] as const) {
      const handover = createHandover({ inOrder: false });
      const reading = readAll(handover);
      expect(await relay(handover, partial(), bytes)).toEqual(expected);
      handover.close();
      expect((await reading).map(({ text }) => text)).toEqual([png.toString("base64")]);
    }
  });

  it("is not even opened when nobody takes it", async () => {
    const { state, open } = source([png]);
    await relay(undefined, { data: { as: "bytes", open }, partial: 0 });
    const gone = createHandover({ inOrder: false });
    gone.leave();
    await relay(gone, { data: { as: "bytes", open }, partial: 0 });
    expect(state.read).toBe(0);
  });
});
