import sharp from "sharp";

import { withoutMetadata } from "../../../../lib/providers/comfyui/pictures/strip";
import { readRecording, viewed } from "../recording";

async function* split(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function stripped(bytes: Buffer, size = bytes.length): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of withoutMetadata(split(bytes, Math.max(1, size)))) pieces.push(piece);
  return Buffer.concat(pieces);
}

const [recorded] = viewed(readRecording("02-success-n1")).values();
const png = recorded ?? Buffer.alloc(0);
const exif = { IFD0: { ImageDescription: "a SECRET prompt", Software: "workflow" } };
const noise = () => sharp({ create: { width: 40, height: 30, channels: 3, background: "#a52" } });

it("takes the workflow and the prompt out of a real picture and leaves its pixels", async () => {
  expect(png.includes("KSampler")).toBe(true);
  const bare = await stripped(png);

  expect(bare.includes("KSampler")).toBe(false);
  expect(await sharp(bare).raw().toBuffer()).toEqual(await sharp(png).raw().toBuffer());
});

it.each([1, 2, 3, 7, 8, 9, 4096])(
  "gives the same bytes in whatever pieces of %d the picture comes",
  async (size) => {
    expect(await stripped(png, size)).toEqual(await stripped(png));
  },
);

it("keeps what changes how a picture looks", async () => {
  const source = await noise().withIccProfile("srgb").png({ palette: true }).toBuffer();
  const bare = await stripped(source);

  expect((await sharp(bare).metadata()).icc).toBeDefined();
});

it("drops what follows the end of a picture", async () => {
  const bare = await stripped(Buffer.concat([png, Buffer.from("a SECRET tail")]));

  expect(bare).toEqual(await stripped(png));
});

it.each(["webp", "jpeg"] as const)(
  "takes the words out of a %s, in whatever pieces it comes",
  async (format) => {
    const source = await noise().withExif(exif).toFormat(format).toBuffer();
    expect(source.includes("SECRET")).toBe(true);
    const bare = await stripped(source);

    expect(bare.includes("SECRET")).toBe(false);
    expect(await sharp(bare).raw().toBuffer()).toEqual(await sharp(source).raw().toBuffer());
    for (const size of [1, 5, 100]) expect(await stripped(source, size)).toEqual(bare);
  },
);

it("passes other files through untouched, and lets go of a source that is left early", async () => {
  const gif = await noise().gif().toBuffer();
  expect(await stripped(gif)).toEqual(gif);

  let isClosed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield png;
    } finally {
      isClosed = true;
    }
  }
  for await (const _piece of withoutMetadata(source())) break;
  expect(isClosed).toBe(true);
});

it("refuses a picture whose chunks cannot be told apart", async () => {
  const broken = Buffer.concat([
    png.subarray(0, 33),
    Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]),
    png.subarray(33),
  ]);

  await expect(stripped(broken)).rejects.toMatchObject({ fault: "protocol" });
});
