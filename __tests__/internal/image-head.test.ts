import fc from "fast-check";
import sharp from "sharp";

import { type ImageHead, peekImageHead, readImageHead } from "../../lib/internal/image-head";

const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#369" } });

const FORMATS = ["png", "jpeg", "webp", "gif", "avif"] as const;
const pictures = new Map<string, Buffer>();

beforeAll(async () => {
  for (const format of FORMATS) pictures.set(format, await canvas(37, 21).toFormat(format).toBuffer());
});

const pictureOf = (format: string): Buffer => pictures.get(format) ?? Buffer.alloc(0);

/** Comment segments between the start of a JPEG and its frame. */
function withMetadata(jpeg: Buffer, bytes: number): Buffer {
  const segments: Buffer[] = [];
  for (let left = bytes; left > 0; left -= 65_000) {
    const body = Buffer.alloc(Math.min(left, 65_000), 0x20);
    const head = Buffer.from([0xff, 0xfe, 0, 0]);
    head.writeUInt16BE(body.length + 2, 2);
    segments.push(head, body);
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

const split = (bytes: Buffer, size: number): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
};

/** A source that remembers how far it was read and whether it was closed. */
function watched(pieces: readonly Uint8Array[], error?: Error) {
  const seen = { read: 0, isClosed: false };
  async function* source() {
    try {
      for (const piece of pieces) {
        seen.read += 1;
        yield piece;
      }
      if (error) throw error;
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, source: source() };
}

const whole = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
};

describe("readImageHead", () => {
  it.each(FORMATS)("reads type and dimensions of %s", (format) => {
    expect(readImageHead(pictureOf(format))).toEqual({
      contentType: `image/${format}`,
      width: 37,
      height: 21,
    });
  });

  it.each(FORMATS)("never reads anything else out of the beginning of a %s", (format) => {
    const bytes = pictureOf(format);
    const right = readImageHead(bytes);
    const read = Array.from(bytes, (_, end) => readImageHead(bytes.subarray(0, end)));
    expect(read.filter((head) => head !== undefined)).toEqual(
      expect.arrayContaining<ImageHead | undefined>([right]),
    );
    expect(new Set(read.filter((head) => head !== undefined).map((head) => JSON.stringify(head))).size).toBe(
      1,
    );
  });

  it.each([
    ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>')],
    ["SVG behind an XML declaration", Buffer.from('<?xml version="1.0"?><svg width="10" height="10"></svg>')],
    ["HTML", Buffer.from("<!doctype html><html><body>502 Bad Gateway</body></html>")],
    ["a zip", Buffer.from("504b0304140000000800000000000000000000000000000000000000", "hex")],
    ["a PDF", Buffer.from("%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n")],
    ["BMP", Buffer.from("424d46000000000000003600000028000000020000000200000001001800000000", "hex")],
    ["a TIFF", Buffer.from("49492a0008000000", "hex")],
    ["an icon", Buffer.from("00000100010010100000010020006804000016000000", "hex")],
    ["a PNG of no width", Buffer.from("89504e470d0a1a0a0000000d494844520000000000000005080600000000", "hex")],
    ["JSON", Buffer.from('{"error":"nope"}')],
    ["noise", Buffer.alloc(100, 7)],
    ["nothing", Buffer.alloc(0)],
  ])("does not take %s for a picture", (_name, bytes) => {
    expect(readImageHead(bytes)).toBeUndefined();
  });

  it("reads the dimensions that a header claims", () => {
    const png = Buffer.from("89504e470d0a1a0a0000000d49484452000000000000000008060000000000000000", "hex");
    png.writeUInt32BE(65_000, 16);
    png.writeUInt32BE(65_000, 20);
    expect(readImageHead(png)).toEqual({ contentType: "image/png", width: 65_000, height: 65_000 });
  });

  it("never throws, whatever follows a signature", () => {
    const start = fc.constantFrom(
      "89504e470d0a1a0a",
      "ffd8ffe0",
      "474946383961",
      "52494646",
      "0000001c66747970",
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (hex, rest) => {
        const head = readImageHead(Buffer.concat([Buffer.from(hex, "hex"), rest]));
        expect(head === undefined || head.width > 0).toBe(true);
      }),
    );
  });
});

describe("peekImageHead", () => {
  it("gives type and the very same bytes for any chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FORMATS),
        fc.integer({ min: 1, max: 700 }),
        async (format, size) => {
          const picture = pictureOf(format);
          const { head, bytes } = await peekImageHead(watched(split(picture, size)).source);
          expect(head).toEqual({ contentType: `image/${format}`, width: 37, height: 21 });
          expect(await whole(bytes)).toEqual(picture);
        },
      ),
    );
  });

  it.each([1, 1000, 70_000])(
    "finds the dimensions of a JPEG behind 200 KB of metadata, in chunks of %i",
    async (size) => {
      const picture = withMetadata(pictureOf("jpeg"), 200_000);
      const { head, bytes } = await peekImageHead(watched(split(picture, size)).source);
      expect(head).toEqual({ contentType: "image/jpeg", width: 37, height: 21 });
      expect((await whole(bytes)).equals(picture)).toBe(true);
    },
  );

  it.each([1000, 70_000])("does so where each chunk comes in the same memory: %i", async (size) => {
    const picture = withMetadata(pictureOf("jpeg"), 200_000);
    const memory = Buffer.alloc(size);
    const source = async function* () {
      for (const chunk of split(picture, size)) yield memory.subarray(0, chunk.copy(memory));
    };
    const { head, bytes } = await peekImageHead(source());
    expect(head).toEqual({ contentType: "image/jpeg", width: 37, height: 21 });
    const read: Buffer[] = [];
    for await (const piece of bytes) read.push(Buffer.from(piece));
    expect(Buffer.concat(read).equals(picture)).toBe(true);
  });

  it("gives up on a JPEG that has shown no dimensions in its first megabyte", async () => {
    const { source, seen } = watched(split(withMetadata(pictureOf("jpeg"), 3_000_000), 10_000));
    const { head, bytes } = await peekImageHead(source);
    expect(head).toBeUndefined();
    expect(seen.read).toBeLessThanOrEqual(110);
    await bytes.return();
    expect(seen.isClosed).toBe(true);
  });

  it("reads no further than it takes to see that there is no picture", async () => {
    const { source, seen } = watched(split(Buffer.alloc(100_000, "<html>"), 100));
    expect((await peekImageHead(source)).head).toBeUndefined();
    expect(seen.read).toBe(1);
  });

  it("gives back what was too short to be a picture", async () => {
    for (const text of ["", "x", "\x89PNG"]) {
      const { head, bytes } = await peekImageHead(watched([Buffer.from(text, "latin1")]).source);
      expect(head).toBeUndefined();
      expect((await whole(bytes)).toString("latin1")).toBe(text);
    }
  });

  it("closes the source when its bytes are let go unread", async () => {
    const { source, seen } = watched([pictureOf("png"), Buffer.alloc(10)]);
    const { bytes } = await peekImageHead(source);
    expect(seen.isClosed).toBe(false);
    await bytes.return();
    expect(seen.isClosed).toBe(true);
    expect(await whole(bytes)).toHaveLength(0);
  });

  it("closes the source when the reader leaves early", async () => {
    const { source, seen } = watched([pictureOf("png"), Buffer.alloc(10), Buffer.alloc(10)]);
    for await (const _ of (await peekImageHead(source)).bytes) break;
    expect(seen.isClosed).toBe(true);
  });

  it("hands an error of the source on, at once or in its place, and closes the source", async () => {
    const early = watched([], new Error("reset"));
    await expect(peekImageHead(early.source)).rejects.toThrow("reset");
    expect(early.seen.isClosed).toBe(true);
    const late = watched([pictureOf("png")], new Error("reset"));
    const { head, bytes } = await peekImageHead(late.source);
    expect(head?.width).toBe(37);
    await expect(whole(bytes)).rejects.toThrow("reset");
    expect(late.seen.isClosed).toBe(true);
  });

  it("also closes a source that does not close itself when it fails", async () => {
    let returned = 0;
    const source = (failAt: number): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => {
        let step = 0;
        return {
          next: async () => {
            if (step++ === failAt) throw new Error("reset");
            return { done: false, value: pictureOf("gif") };
          },
          return: async () => {
            returned += 1;
            return { done: true, value: undefined };
          },
        };
      },
    });
    await expect(peekImageHead(source(0))).rejects.toThrow("reset");
    expect(returned).toBe(1);
    await expect(peekImageHead(source(1)).then(({ bytes }) => whole(bytes))).rejects.toThrow("reset");
    expect(returned).toBe(2);
  });
});
