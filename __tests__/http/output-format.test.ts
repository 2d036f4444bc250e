import type { ImageConverter, ModelCard } from "express-image-gateway";
import sharp from "sharp";

import { editingProvider, sendForm } from "../support/edits";
import { field, file } from "../support/forms";
import { generate, type HostSetup, jsonOf, PROMPT, startHost, type TestHost } from "../support/host";
import { bytesOut, picture, type Script, scriptedProvider } from "../support/scripted-provider";

/** A model that makes PNG, and lets nobody choose. */
const FIXED: Partial<ModelCard> = { limits: { formats: [] } };
const JPEG = { ...PROMPT, output_format: "jpeg" };
const CONVERTED = {
  param: "output_format",
  message: "This model does not let the output format be chosen: pictures that are no 'jpeg' are converted.",
};

let host: TestHost;
const start = async (options: HostSetup["options"] = {}, script?: Script, card = FIXED) => {
  const provider = scriptedProvider(script, card);
  host = await startHost({ providers: [provider], options });
  return provider;
};
afterEach(() => host.close());

const formatOf = async (bytes: Uint8Array) => (await sharp(bytes).metadata()).format;
const fromBase64 = (text: string) => formatOf(Buffer.from(text, "base64"));

it.each([
  ["kept", { keepResults: true }],
  ["handed over", {}],
])(
  "is that of every picture in base64, %s, though the model cannot, and the caller reads so",
  async (_how, options) => {
    const provider = await start(options);
    const answer = await generate(host, { ...JPEG, n: 3, response_format: "b64_json" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-image-warnings")).toContain("are converted");
    const { data, ...about } = await jsonOf(answer);
    expect(about).toMatchObject({ output_format: "jpeg", size: "8x8", warnings: [CONVERTED] });
    expect(await Promise.all(data.map((each: { b64_json: string }) => fromBase64(each.b64_json)))).toEqual([
      "jpeg",
      "jpeg",
      "jpeg",
    ]);
    expect(provider.calls[0]).not.toHaveProperty("output");
  },
);

it("is that of what a link leads to", async () => {
  await start();
  const { data, output_format } = await jsonOf(await generate(host, { ...JPEG, response_format: "url" }));
  expect(output_format).toBe("jpeg");
  const found = await fetch(data[0].url);
  expect(found.headers.get("content-type")).toBe("image/jpeg");
  expect(await formatOf(Buffer.from(await found.arrayBuffer()))).toBe("jpeg");
});

it("is that of an edited picture", async () => {
  host = await startHost({ providers: [editingProvider(undefined, FIXED)] });
  const parts = [field("model", "test-model"), field("prompt", "blue"), field("output_format", "webp")];
  const answer = await sendForm(host, [...parts, file("image", await picture())]);
  expect(await jsonOf(answer)).toMatchObject({ output_format: "webp" });
});

it("is that of finished pictures in a stream; unfinished ones come as they are, and say so", async () => {
  const png = await picture();
  await start({}, () => ({ images: [bytesOut(png, { partial: 0 }), bytesOut(png)], meta: () => ({}) }), {
    ...FIXED,
    stream: "native",
  });
  const answer = await generate(host, { ...JPEG, stream: true, partial_images: 1 });
  const events = (await answer.text())
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)))
    .filter((event) => event.b64_json !== undefined);
  expect(events.map(({ type, output_format }) => [type, output_format])).toEqual([
    ["image_generation.partial_image", "png"],
    ["image_generation.completed", "jpeg"],
  ]);
  expect(await Promise.all(events.map((event) => fromBase64(event.b64_json)))).toEqual(["png", "jpeg"]);
});

it("follows output_compression", async () => {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#000", noise } })
    .png()
    .toBuffer();
  await start({}, () => ({ images: [bytesOut(png)], meta: () => ({}) }));
  const lengthAt = async (output_compression: number) => {
    const body = { ...JPEG, output_compression, response_format: "b64_json" };
    return (await jsonOf(await generate(host, body))).data[0].b64_json.length;
  };
  expect(await lengthAt(10)).toBeLessThan((await lengthAt(90)) / 2);
});

it("is refused where the host wants no conversion, before anything is paid for", async () => {
  const provider = await start({ converter: false });
  const answer = await generate(host, JPEG);
  expect(answer.status).toBe(400);
  expect(await jsonOf(answer)).toMatchObject({
    error: {
      code: "unsupported_parameter",
      param: "output_format",
      message: expect.stringContaining("does not convert pictures"),
    },
  });
  expect(provider.calls).toEqual([]);
});

describe("a converter of the host's own", () => {
  const converterOf = (convert: ImageConverter["convert"]): ImageConverter => ({
    formats: () => ["jpeg"],
    convert,
  });

  it("is asked in place of sharp", async () => {
    const jpeg = await picture({ format: "jpeg", width: 5 });
    await start({ converter: converterOf(async () => jpeg) });
    expect(await jsonOf(await generate(host, JPEG))).toMatchObject({ output_format: "jpeg", size: "5x8" });
  });

  it("that fails costs nobody the picture: it comes as it was made, and the caller reads so", async () => {
    await start({ converter: converterOf(() => Promise.reject(new Error("out of order"))) });
    const answer = await generate(host, { ...JPEG, response_format: "b64_json" });
    const { data, ...about } = await jsonOf(answer);
    expect(await fromBase64(data[0].b64_json)).toBe("png");
    expect(about).toMatchObject({
      output_format: "png",
      warnings: [
        CONVERTED,
        { param: "output_format", message: "One picture could not be converted to 'jpeg'." },
      ],
    });
    expect(host.log.filter(({ level }) => level === "warn")).toMatchObject([
      { message: "a picture could not be converted" },
    ]);
  });
});
