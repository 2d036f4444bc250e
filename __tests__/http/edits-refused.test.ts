import express, { type RequestHandler } from "express";

import { dataUrl, editingProvider, outcome, sendForm, sendJson } from "../support/edits";
import { BOUNDARY, field, file, formBody, MULTIPART, type RawPart } from "../support/forms";
import { type HostSetup, jsonOf, startHost, type TestHost } from "../support/host";
import { picture } from "../support/scripted-provider";

let host: TestHost;
let provider: ReturnType<typeof editingProvider>;
let image: Buffer;

async function start(setup: HostSetup = {}): Promise<void> {
  provider = editingProvider();
  image = await picture();
  host = await startHost({ providers: [provider], ...setup });
}
afterEach(() => host.close());

const MODEL = field("model", "test-model");
const PROMPT = field("prompt", "x");

const send = (body: string | Buffer, contentType: string, path = "edits") =>
  outcome(
    fetch(`${host.url}/v1/images/${path}`, {
      method: "POST",
      headers: { authorization: "Bearer sk-ann", "content-type": contentType },
      body: new Uint8Array(Buffer.from(body)),
    }),
  );

describe("content types", () => {
  it.each([
    ["text/plain", "415 unsupported_media_type"],
    ["application/x-www-form-urlencoded", "415 unsupported_media_type"],
    ["multipart/mixed; boundary=x", "415 unsupported_media_type"],
    ["multipart/form-datax; boundary=x", "415 unsupported_media_type"],
    ["image/png", "415 unsupported_media_type"],
    ["application/json; charset=utf-16", "415 unsupported_media_type"],
    [`multipart/form-data; charset=latin1; boundary=${BOUNDARY}`, "415 unsupported_media_type"],
    ["multipart/form-data", "400 invalid_request"],
    ["multipart/form-data; boundary=", "400 invalid_request"],
    ["multipart/form-data; boundary=another", "400 invalid_request"],
    [`MULTIPART/Form-Data ; boundary="${BOUNDARY}"`, "200"],
    [`multipart/form-data; charset=UTF-8; boundary=${BOUNDARY}`, "200"],
  ])("'%s' is answered with %s", async (type, expected) => {
    await start();
    expect(await send(formBody([file("image", image), MODEL, PROMPT]), type)).toBe(expected);
  });

  it("say how the pictures are to be sent", async () => {
    await start();
    const messageOf = async (path: "edits" | "variations") =>
      (await jsonOf(await sendJson(host, "x", { path, headers: { "content-type": "text/plain" } }))).error
        .message;
    expect(await messageOf("edits")).toContain("multipart/form-data");
    expect(await messageOf("edits")).toContain("application/json");
    expect(await messageOf("variations")).not.toContain("json");
  });
});

describe("forms that are refused", () => {
  it.each<[string, () => readonly RawPart[], string]>([
    ["without a picture", () => [MODEL, PROMPT], "400 missing_required_parameter image"],
    ["without anything", () => [], "400 missing_required_parameter model"],
    [
      "with a picture that is text",
      () => [field("image", "cat.png"), MODEL, PROMPT],
      "400 invalid_value image",
    ],
    [
      "with a mask that is a JPEG",
      () => [file("mask", jpeg), file("image", image), MODEL, PROMPT],
      "400 invalid_value mask",
    ],
    [
      "with a part that has no name",
      () => [{ headers: ["Content-Disposition: form-data"], content: "x" }],
      "400 invalid_request",
    ],
    [
      "with 33 fields",
      () => Array.from({ length: 33 }, (_, at) => field(`f${at}`, "x")),
      "413 request_too_large",
    ],
    [
      "with 10,000 fields",
      () => Array.from({ length: 10_000 }, (_, at) => field(`f${at}`, "x")),
      "413 request_too_large",
    ],
    ["with 300 KB of text", () => [field("prompt", "x".repeat(300_000))], "413 request_too_large"],
    [
      "with 17 pictures",
      () => Array.from({ length: 17 }, () => file("image[]", image)),
      "413 request_too_large image",
    ],
    [
      "with a size that is none",
      () => [file("image", image), MODEL, PROMPT, field("size", "big")],
      "400 invalid_size size",
    ],
    ["with a field twice", () => [MODEL, MODEL, file("image", image), PROMPT], "400 invalid_value model"],
    [
      "with a decimal n",
      () => [file("image", image), MODEL, PROMPT, field("n", "1.5")],
      "400 invalid_type n",
    ],
  ])("are those %s", async (_title, parts, expected) => {
    await start();
    expect(await outcome(sendForm(host, parts()))).toBe(expected);
    expect(provider.calls).toEqual([]);
    expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
  });
  let jpeg: Buffer;
  beforeAll(async () => {
    jpeg = await picture({ format: "jpeg" });
  });
});

describe("JSON that is refused", () => {
  it.each<[string, (url: string) => unknown, string]>([
    ["is no object", () => [], "400 invalid_type"],
    ["is broken", () => '{"model":', "400 invalid_json"],
    [
      "names a file",
      (url) => ({ images: [{ image_url: url, file_id: "f" }] }),
      "400 unsupported_parameter images.0.file_id",
    ],
    ["names no picture", () => ({}), "400 missing_required_parameter images"],
    [
      "says what it should not of one",
      (url) => ({ images: [{ image_url: url, x: 1 }] }),
      "400 unknown_parameter images.0",
    ],
  ])("%s", async (_title, more, expected) => {
    await start();
    const body = more(dataUrl(image));
    const isPart = typeof body === "object" && !Array.isArray(body);
    const whole = isPart ? { model: "test-model", prompt: "x", ...body } : body;
    expect(await outcome(sendJson(host, whole))).toBe(expected);
    expect(provider.calls).toEqual([]);
  });
});

describe("parsers of the host before us", () => {
  const behind = (...middleware: RequestHandler[]): HostSetup => ({
    before: (app) => void app.use(...middleware),
  });
  const edit = () => ({ model: "test-model", prompt: "x", images: [{ image_url: dataUrl(image) }] });

  it.each<[string, RequestHandler]>([
    ["express.json()", express.json({ limit: "1mb" })],
    ["express.text()", express.text({ type: "*/json" })],
    ["express.raw()", express.raw({ type: "application/json" })],
  ])("leave JSON that can be used: %s", async (_title, parser) => {
    await start(behind(parser));
    expect(await outcome(sendJson(host, edit()))).toBe("200");
    expect(provider.seen).toEqual([{ images: [image], mask: undefined }]);
    expect(await outcome(sendJson(host, { ...edit(), images: [{ image_url: "nowhere" }] }))).toBe(
      "400 invalid_value images.0.image_url",
    );
    expect(await outcome(sendJson(host, { ...edit(), n: "2" }))).toBe("400 invalid_type n");
  });

  it("leave a form alone that is none of theirs", async () => {
    await start(behind(express.json(), express.urlencoded({ extended: false })));
    expect(await outcome(sendForm(host, [file("image", image), MODEL, PROMPT]))).toBe("200");
  });

  it.each([
    ["a form", () => send(formBody([file("image", image)]), MULTIPART)],
    ["JSON", () => outcome(sendJson(host, edit()))],
  ])("that leave nothing of %s are the operator's to mend", async (_title, sent) => {
    await start(behind((req, _res, next) => void req.on("end", next).resume()));
    expect(await sent()).toBe("500 body_already_consumed");
    expect(host.log.filter(({ level }) => level === "error")).toEqual([
      { level: "error", about: {}, message: expect.stringContaining("mount the router before") },
    ]);
  });
});
