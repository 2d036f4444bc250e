import sharp from "sharp";

import { checkMask, drawnSides, sidesOf } from "../../../../lib/providers/automatic1111/request/pictures";
import { failure, inputImage } from "../bench";

const alive = new AbortController().signal;

const picture = (channels: 3 | 4, side = 16) =>
  sharp({ create: { width: side, height: side, channels, background: { r: 1, g: 2, b: 3, alpha: 0.5 } } });

describe("the size that a picture is drawn at", () => {
  it.each([
    [512, 512, 512, 512],
    [1000, 500, 1000, 504],
    [4096, 1024, 2048, 512],
    [1, 1, 64, 64],
    [3000, 10, 2048, 64],
    [1023, 769, 1024, 768],
  ])("is for %i x %i its own as far as the server has it", (width, height, drawnWidth, drawnHeight) => {
    expect(drawnSides({ width, height })).toEqual({ width: drawnWidth, height: drawnHeight });
  });

  it("is read from the first bytes alone, and the source is closed", async () => {
    const bytes = await picture(3, 24).jpeg().toBuffer();
    let pieces = 0;
    let isClosed = false;
    const image = {
      ...inputImage(bytes, "image/jpeg"),
      async *open() {
        try {
          yield bytes;
          for (;;) {
            pieces += 1;
            yield Buffer.alloc(65_536);
          }
        } finally {
          isClosed = true;
        }
      },
    };
    expect(await sidesOf(image, alive)).toMatchObject({ width: 24, height: 24 });
    expect({ pieces, isClosed }).toEqual({ pieces: 0, isClosed: true });
  });

  it("cannot be read from what is no picture", async () => {
    for (const bytes of [Buffer.from("hello"), Buffer.alloc(0), Buffer.alloc(600_000)]) {
      const error = await failure(sidesOf(inputImage(bytes), alive));
      expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no", param: "image" } });
    }
  });

  it("is not waited for when the call is aborted", async () => {
    const controller = new AbortController();
    const image = {
      ...inputImage(Buffer.alloc(0)),
      async *open() {
        await new Promise(() => {});
      },
    };
    const read = sidesOf(image, controller.signal);
    controller.abort(new Error("left"));
    await expect(read).rejects.toThrow("left");
  });
});

describe("a mask", () => {
  const sides = { width: 16, height: 16 };

  it("is taken when it is a PNG with an alpha channel, also piece by piece", async () => {
    const bytes = await picture(4).png().toBuffer();
    await checkMask(inputImage(bytes), sides, alive);
    const slowly = {
      ...inputImage(bytes),
      async *open() {
        for (const byte of bytes) yield Uint8Array.of(byte);
      },
    };
    await checkMask(slowly, sides, alive);
  });

  it.each([
    ["without transparency", () => picture(3).png().toBuffer(), /RGBA/],
    ["with a palette", () => picture(4).png({ palette: true }).toBuffer(), /RGBA/],
    ["of grey with alpha", () => picture(4).toColourspace("b-w").png().toBuffer(), /RGBA/],
    ["that is no PNG", () => picture(4).webp().toBuffer(), /RGBA/],
    ["that is no picture", async () => Buffer.from("hello"), /RGBA/],
    ["of another size", () => picture(4, 24).png().toBuffer(), /same size/],
  ])("%s is refused", async (_name, make, message) => {
    const error = await failure(checkMask(inputImage(await make()), sides, alive));
    expect(error).toMatchObject({ fault: "invalid_request", info: { started: "no", param: "mask" } });
    expect(error.message).toMatch(message);
  });
});
