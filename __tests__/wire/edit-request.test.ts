import { GatewayError, type ImageRequest, type RequestImage, type RequestInputs } from "../../lib/ports";
import { editRequest, type Given, type PictureRequest, variationRequest } from "../../lib/wire/request";

const image = (width = 8, height = 8): RequestImage => ({
  key: "k".repeat(32),
  name: "image.png",
  type: "image/png",
  bytes: 100,
  width,
  height,
  digest: "0".repeat(64),
});

const given = (
  inputs: Partial<RequestInputs> = {},
  pictureField: Given["pictureField"] = "image",
): Given => ({
  inputs: { images: [image()], ...inputs },
  pictureField,
});

const edit = editRequest({ images: 10 });
const variation = variationRequest({ images: 10 });
const GOOD = { model: "m", prompt: "a red cube" };

type Case = readonly [
  title: string,
  body: unknown,
  expected: readonly [code: string, param: string | null],
  brought?: Given,
];

/** Every case with what it brings. */
const whole = (cases: readonly Case[]) =>
  cases.map(([title, body, expected, brought = given()]) => [title, body, expected, brought] as const);

const refusal = (kind: PictureRequest, body: unknown, brought: Given) => {
  try {
    kind.parse(body, brought);
  } catch (error) {
    if (!GatewayError.is(error)) throw error;
    return [error.code, error.param];
  }
  throw new Error("the body was accepted");
};

describe("an edit", () => {
  it("takes model, prompt and pictures", () => {
    const inputs = { images: [image(), image(9, 9)], mask: image() };
    expect(edit.parse(GOOD, given(inputs))).toEqual<ImageRequest>({
      op: "edit",
      model: "m",
      prompt: "a red cube",
      n: 1,
      inputs,
      unknown: Object.create(null),
    });
  });

  it("has the fields of a generation, each under its name", () => {
    const body = {
      ...GOOD,
      n: 2,
      size: "auto",
      quality: "high",
      response_format: "url",
      background: "opaque",
      moderation: "low",
      output_format: "webp",
      output_compression: 80,
      stream: true,
      partial_images: 2,
      safety_identifier: "s",
    };
    expect(edit.parse(body, given())).toMatchObject({
      n: 2,
      size: "auto",
      quality: "high",
      responseFormat: "url",
      background: "opaque",
      moderation: "low",
      outputFormat: "webp",
      outputCompression: 80,
      stream: { partialImages: 2 },
      endUser: "s",
    });
  });

  it("leaves input_fidelity and style to the model's card", () => {
    const { unknown } = edit.parse({ ...GOOD, input_fidelity: "high", style: "vivid", seed: 1 }, given());
    expect(unknown).toEqual({ input_fidelity: "high", style: "vivid", seed: 1 });
  });

  it("knows the pictures that JSON names by address, which have been taken in", () => {
    const body = { ...GOOD, images: [{ image_url: "" }], mask: { image_url: "" } };
    const { unknown, inputs } = edit.parse(body, given({ mask: image() }, "images"));
    expect(unknown).toEqual({});
    expect(inputs?.images).toHaveLength(1);
    expect(edit.parse({ ...GOOD, images: null, mask: null }, given()).op).toBe("edit");
  });

  it.each(
    whole([
      ["no model", { prompt: "x" }, ["missing_required_parameter", "model"]],
      ["no prompt", { model: "m" }, ["missing_required_parameter", "prompt"]],
      ["an empty prompt", { model: "m", prompt: "" }, ["string_below_min_length", "prompt"]],
      ["half a surrogate pair", { model: "m", prompt: "\ud800" }, ["invalid_value", "prompt"]],
      ["a number as text", { ...GOOD, n: "2" }, ["invalid_type", "n"]],
      ["too many", { ...GOOD, n: 11 }, ["integer_above_max_value", "n"]],
      [
        "a long fidelity",
        { ...GOOD, input_fidelity: "x".repeat(65) },
        ["string_above_max_length", "input_fidelity"],
      ],
      ["no JSON object", [], ["invalid_type", null]],
      ["no picture in a form", GOOD, ["missing_required_parameter", "image"], given({ images: [] })],
      [
        "no picture in JSON",
        { ...GOOD, images: [] },
        ["missing_required_parameter", "images"],
        given({ images: [] }, "images"),
      ],
      ["pictures that are no list", { ...GOOD, images: "x" }, ["invalid_type", "images"]],
      ["a picture that is no object", { ...GOOD, images: ["x"] }, ["invalid_type", "images.0"]],
      [
        "an address that is no text",
        { ...GOOD, images: [{ image_url: 7 }] },
        ["invalid_type", "images.0.image_url"],
      ],
      ["no address", { ...GOOD, images: [{}] }, ["missing_required_parameter", "images.0.image_url"]],
      ["a file id", { ...GOOD, images: [{ file_id: "f" }] }, ["unsupported_parameter", "images.0.file_id"]],
      [
        "a file id beside an address",
        { ...GOOD, images: [{ image_url: "" }, { image_url: "", file_id: "f" }] },
        ["unsupported_parameter", "images.1.file_id"],
      ],
      ["a mask by file id", { ...GOOD, mask: { file_id: "f" } }, ["unsupported_parameter", "mask.file_id"]],
      [
        "more about a picture",
        { ...GOOD, images: [{ image_url: "", detail: 1 }] },
        ["unknown_parameter", "images.0"],
      ],
      ["a mask that is text", { ...GOOD, mask: "x" }, ["invalid_type", "mask"]],
      [
        "a mask of another size",
        GOOD,
        ["invalid_value", "mask"],
        given({ images: [image(8, 9)], mask: image(9, 8) }),
      ],
    ]),
  )("refuses %s", (_title, body, expected, brought) => {
    expect(refusal(edit, body, brought)).toEqual(expected);
  });

  it("compares the mask with the first picture alone, and says both sizes", () => {
    expect(edit.parse(GOOD, given({ images: [image(), image(9, 9)], mask: image() })).op).toBe("edit");
    const wrong = given({ images: [image(20, 10)], mask: image(10, 20) });
    expect(() => edit.parse(GOOD, wrong)).toThrow("Invalid 'mask': it is 10x20, the first picture is 20x10.");
  });
});

describe("a variation", () => {
  it("has no prompt", () => {
    expect(variation.parse({ model: "m", n: 2 }, given())).toEqual<ImageRequest>({
      op: "variation",
      model: "m",
      prompt: "",
      n: 2,
      inputs: { images: [image()] },
      unknown: Object.create(null),
    });
  });

  it.each([[{}], [{ model: null }]])("is of dall-e-2 where no model is named: %j", (body) => {
    expect(variation.parse(body, given()).model).toBe("dall-e-2");
  });

  it("leaves a prompt that is there all the same to the model's card", () => {
    expect(variation.parse({ model: "m", prompt: "x" }, given()).unknown).toEqual({ prompt: "x" });
  });

  it.each(
    whole([
      ["an empty model", { model: "" }, ["string_below_min_length", "model"]],
      ["no picture", { model: "m" }, ["missing_required_parameter", "image"], given({ images: [] })],
      ["two pictures", { model: "m" }, ["invalid_value", "image"], given({ images: [image(), image()] })],
    ]),
  )("refuses %s", (_title, body, expected, brought) => {
    expect(refusal(variation, body, brought)).toEqual(expected);
  });
});
