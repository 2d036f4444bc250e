import fc from "fast-check";

import { type EmbeddedImage, imageJson, type JsonText } from "../../lib/wire/image-json";

const whole = async ({ chunks }: JsonText): Promise<string> => {
  let text = "";
  for await (const chunk of chunks) text += chunk;
  return text;
};

const embedded = (pieces: readonly Uint8Array[]): EmbeddedImage => ({
  bytes: pieces.reduce((sum, { length }) => sum + length, 0),
  async *open() {
    yield* pieces;
  },
});

describe("imageJson", () => {
  it("writes pictures as base64 among any texts, as long as it says", async () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant('"\\\u2028\ud800'), fc.string());
    const item = fc.record({
      note: text,
      pieces: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 4 }), text, async (items, tail) => {
        const json = imageJson((embed) => ({
          data: items.map(({ note, pieces }) => ({ note, b64_json: embed(embedded(pieces)) })),
          tail,
        }));
        const written = await whole(json);
        expect(JSON.parse(written)).toEqual({
          data: items.map(({ note, pieces }) => ({
            note: JSON.parse(JSON.stringify(note)),
            b64_json: Buffer.concat(pieces).toString("base64"),
          })),
          tail,
        });
        expect(Buffer.byteLength(written)).toBe(json.length);
      }),
    );
  });

  it("is plain JSON where nothing is embedded", async () => {
    const json = imageJson(() => ({ ö: "😀" }));
    expect(await whole(json)).toBe('{"ö":"😀"}');
    expect(json.length).toBe(13);
  });

  it("takes a text that looks like an earlier mark for a text", async () => {
    let mark = "";
    imageJson((embed) => {
      mark = embed(embedded([]));
      return mark;
    });
    expect(mark).not.toBe("");
    const json = imageJson((embed) => ({ note: mark, b64_json: embed(embedded([Buffer.from("abc")])) }));
    expect(JSON.parse(await whole(json))).toEqual({ note: mark, b64_json: "YWJj" });
  });

  it("opens a picture only when its turn has come", async () => {
    const opened: number[] = [];
    const image = (index: number): EmbeddedImage => ({
      bytes: 3,
      async *open() {
        opened.push(index);
        yield Buffer.from("abc");
      },
    });
    const { chunks } = imageJson((embed) => [embed(image(0)), embed(image(1))]);
    const pieces = chunks[Symbol.asyncIterator]();
    await pieces.next();
    expect(opened).toEqual([]);
    await pieces.next();
    expect(opened).toEqual([0]);
    await pieces.return?.();
    expect(opened).toEqual([0]);
  });

  it("closes the picture it stands in when the reader leaves", async () => {
    let isClosed = false;
    const image: EmbeddedImage = {
      bytes: 6,
      async *open() {
        try {
          yield Buffer.from("abc");
          yield Buffer.from("def");
        } finally {
          isClosed = true;
        }
      },
    };
    for await (const chunk of imageJson((embed) => embed(image)).chunks) if (chunk === "YWJj") break;
    expect(isClosed).toBe(true);
  });
});
