import fc from "fast-check";

import { type EmbeddedImage, imageJson, type JsonText } from "../../lib/wire/image-json";

const whole = async ({ parts }: JsonText): Promise<string> => {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else for await (const piece of part) text += Buffer.from(piece).toString("latin1");
  }
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
    const { parts } = imageJson((embed) => [embed(image(0)), embed(image(1))]);
    const seen: number[] = [];
    for (const part of parts) {
      seen.push(opened.length);
      if (typeof part !== "string") for await (const _ of part);
    }
    expect(seen).toEqual([0, 0, 1, 1, 2]);
  });
});
