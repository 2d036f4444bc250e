import { bodyOf } from "../../../../lib/providers/automatic1111/request/body";
import { inputImage } from "../bench";

async function textOf(body: string | AsyncIterable<Uint8Array>): Promise<string> {
  if (typeof body === "string") return body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("a body", () => {
  const fields = { prompt: 'a "red" }cube{', seed: 7 };

  it("without pictures is the fields", async () => {
    expect(JSON.parse(await textOf(bodyOf(fields, undefined)))).toEqual(fields);
  });

  it.each([0, 1, 2, 3, 4, 1_000_003])("holds a picture of %i bytes as it is", async (length) => {
    const bytes = Buffer.alloc(length, 0xa7);
    const image = {
      ...inputImage(bytes),
      async *open() {
        for (let at = 0; at < length; at += 65_535) yield bytes.subarray(at, at + 65_535);
      },
    };
    const body = JSON.parse(await textOf(bodyOf(fields, { image })));
    expect(body).toEqual({ ...fields, init_images: [bytes.toString("base64")] });
  });

  it("holds a mask beside the picture", async () => {
    const [image, mask] = [inputImage(Buffer.from("picture")), inputImage(Buffer.from("mask"))];
    const body = JSON.parse(await textOf(bodyOf(fields, { image, mask })));
    expect(body).toEqual({
      ...fields,
      init_images: [Buffer.from("picture").toString("base64")],
      mask: Buffer.from("mask").toString("base64"),
    });
  });

  it("reads no further than it is read, and can be left", async () => {
    let opened = 0;
    let isClosed = false;
    const image = {
      ...inputImage(Buffer.alloc(0)),
      async *open() {
        try {
          for (;;) {
            opened += 1;
            yield Buffer.alloc(3 * 1024);
          }
        } finally {
          isClosed = true;
        }
      },
    };
    const body = bodyOf(fields, { image });
    if (typeof body === "string") throw new Error("a picture makes a stream");
    let read = 0;
    for await (const piece of body) {
      read += 1;
      expect(piece.byteLength).toBeLessThanOrEqual(4 * 1024);
      // The first piece is the fields.
      expect(opened).toBe(read - 1);
      if (read === 1_000) break;
    }
    expect(isClosed).toBe(true);
  });
});
