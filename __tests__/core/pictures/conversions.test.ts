import { createConversions, unconvertedWarnings } from "../../../lib/core/pictures/conversions";
import { type OpenPicture, openPicture } from "../../../lib/core/pictures/open-picture";
import type { ImageConverter, JobImage } from "../../../lib/ports";
import { bytesOut, picture } from "../../support/scripted-provider";
import { gate, noHttp, recordingLog } from "../bench";

const TO = { format: "jpeg", compression: 30 } as const;
const ABOUT = { jobId: "imgjob_1" };
const MAX_BYTES = 64 * 1024;

let png: Buffer;
let jpeg: Buffer;
beforeAll(async () => {
  png = await picture({ width: 12 });
  jpeg = await picture({ width: 12, format: "jpeg" });
});

const optionsFor = (signal = new AbortController().signal) => ({
  fetcher: noHttp,
  maxBytes: MAX_BYTES,
  signal,
});
const open = (bytes: Uint8Array) => openPicture(bytesOut(bytes), optionsFor());
const converterOf = (convert: ImageConverter["convert"]): ImageConverter => ({
  formats: () => ["jpeg"],
  convert,
});

function conversion(converter: ImageConverter | undefined) {
  const { log, lines } = recordingLog();
  const convert = createConversions(converter, log).to(TO, ABOUT);
  return {
    lines,
    convert: (opened: OpenPicture, signal?: AbortSignal) => convert(opened, optionsFor(signal)),
  };
}

const bytesOf = async ({ bytes }: OpenPicture): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes()) pieces.push(piece);
  return Buffer.concat(pieces);
};

it("makes a picture what it is to be, and tells of it what its bytes say", async () => {
  const asked: unknown[] = [];
  const { convert, lines } = conversion(
    converterOf(async (bytes, to) => {
      asked.push(Buffer.from(bytes), to);
      return jpeg;
    }),
  );
  const converted = await convert(await open(png));
  expect(asked).toEqual([png, TO]);
  expect(converted).toMatchObject({ contentType: "image/jpeg", width: 12, height: 8 });
  expect(await bytesOf(converted)).toEqual(jpeg);
  expect(converted.length()).toBe(jpeg.length);
  expect(lines).toEqual([]);
});

it("leaves a picture alone that is so already", async () => {
  const { convert } = conversion(converterOf(() => Promise.reject(new Error("not to be asked"))));
  const opened = await open(jpeg);
  expect(await convert(opened)).toBe(opened);
});

describe("a picture that cannot be converted stays as the provider made it, and the log says why:", () => {
  const wrong: readonly [string, () => Uint8Array | Promise<Uint8Array>, object][] = [
    ["the converter fails", () => Promise.reject(new Error("broken")), { error: "Error: broken" }],
    ["it gives another format", () => picture({ format: "webp" }), {}],
    ["it gives no picture", () => Buffer.from("no picture, but long enough to be one"), {}],
    ["it makes too many bytes", () => Buffer.concat([jpeg, Buffer.alloc(MAX_BYTES)]), {}],
  ];

  it.each(wrong)("%s", async (_why, convertTo) => {
    const { convert, lines } = conversion(converterOf(async () => convertTo()));
    const kept = await convert(await open(png));
    expect(kept.contentType).toBe("image/png");
    expect(await bytesOf(kept)).toEqual(png);
    expect(lines).toEqual([
      {
        level: "warn",
        about: expect.objectContaining({ ...ABOUT, from: "image/png", to: "jpeg" }),
        message: "a picture could not be converted",
      },
    ]);
  });

  it("there is no converter in this process", async () => {
    const { convert, lines } = conversion(undefined);
    const opened = await open(png);
    expect(await convert(opened)).toBe(opened);
    expect(lines).toMatchObject([{ level: "warn", about: { reason: "no converter" } }]);
  });

  it("it has too many pixels, which is known before it is read", async () => {
    const { convert, lines } = conversion(converterOf(() => Promise.reject(new Error("not to be asked"))));
    const large = Buffer.from(png);
    large.writeUInt32BE(6_001, 16);
    large.writeUInt32BE(6_000, 20);
    const opened = await open(large);
    expect(await convert(opened)).toBe(opened);
    expect(lines).toMatchObject([{ about: { reason: "too many pixels" } }]);
    expect(opened.length()).toBe(0);
  });
});

it("passes on what breaks the picture itself", async () => {
  const { convert, lines } = conversion(converterOf(async () => jpeg));
  const long = Buffer.concat([png, Buffer.alloc(MAX_BYTES)]);
  await expect(convert(await open(long))).rejects.toMatchObject({ info: { started: "yes" } });
  expect(lines).toEqual([]);
});

describe("of many pictures at a time", () => {
  /** A converter that holds what it has begun until it is told. */
  function holding() {
    const held: (() => void)[] = [];
    let wake = () => {};
    const { convert } = conversion(
      converterOf(async () => {
        const { opened, open } = gate();
        held.push(open);
        wake();
        await opened;
        return jpeg;
      }),
    );
    const begun = async (count: number) => {
      while (held.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      // What need not wait would have begun by now, too.
      await new Promise(setImmediate);
      return held.length;
    };
    return { convert, held, begun };
  }

  it("two are converted, and no more are read", async () => {
    const { convert, held, begun } = holding();
    const opened = await Promise.all([1, 2, 3].map(() => open(png)));
    const all = opened.map((each) => convert(each));
    expect(await begun(2)).toBe(2);
    expect(opened.map(({ length }) => length() > 0)).toEqual([true, true, false]);
    held[0]?.();
    expect(await begun(3)).toBe(3);
    for (const end of held) end();
    await Promise.all(all);
  });

  it("one whose job has been stopped waits no longer, and lets the next one pass", async () => {
    const { convert, held, begun } = holding();
    const running = [convert(await open(png)), convert(await open(png))];
    await begun(2);
    const stopped = new AbortController();
    const third = await open(png);
    const waiting = convert(third, stopped.signal);
    const next = convert(await open(png));
    stopped.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    expect([held.length, third.length()]).toEqual([2, 0]);
    for (const end of held) end();
    expect(await begun(3)).toBe(3);
    held[2]?.();
    await Promise.all([...running, next]);
  });

  it("one that is stopped in the middle is no failure of the converter", async () => {
    const stopped = new AbortController();
    const { convert, lines } = conversion(
      converterOf(async () => {
        stopped.abort(new Error("stopped"));
        throw new Error("interrupted");
      }),
    );
    await expect(convert(await open(png), stopped.signal)).rejects.toThrow("stopped");
    expect(lines).toEqual([]);
  });
});

describe("the warning", () => {
  const images = (...types: JobImage["contentType"][]): JobImage[] =>
    types.map((contentType, place) => ({ place, contentType, bytes: 1, width: 1, height: 1 }));

  it("counts the pictures that are not what they were to be", () => {
    expect(unconvertedWarnings({ convert: TO }, images("image/png", "image/jpeg", "image/webp"))).toEqual([
      { param: "output_format", message: "2 pictures could not be converted to 'jpeg'." },
    ]);
    expect(unconvertedWarnings({ convert: TO }, images("image/png"))).toMatchObject([
      { message: "One picture could not be converted to 'jpeg'." },
    ]);
  });

  it("is not given where all are, or nothing was to be converted", () => {
    expect(unconvertedWarnings({ convert: TO }, images("image/jpeg"))).toEqual([]);
    expect(unconvertedWarnings({}, images("image/png"))).toEqual([]);
  });
});
