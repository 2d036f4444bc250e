import fc from "fast-check";

import { GatewayError, type ImageRequest } from "../../lib/ports";
import { generationParser } from "../../lib/wire/request";

const parse = generationParser({ images: 10 });
const GOOD = { model: "m", prompt: "a red cube" };

const refusal = (body: unknown): GatewayError => {
  try {
    parse(body);
  } catch (error) {
    if (!GatewayError.is(error)) throw error;
    return error;
  }
  throw new Error("the body was accepted");
};

describe("generationParser", () => {
  it("takes model and prompt alone and fills in one image", () => {
    expect(parse(GOOD)).toEqual<ImageRequest>({
      op: "generate",
      model: "m",
      prompt: "a red cube",
      n: 1,
      unknown: Object.create(null),
    });
  });

  it("gives every field its name in the request", () => {
    const body = {
      ...GOOD,
      n: 10,
      size: "1536x1024",
      quality: "high",
      style: "vivid",
      response_format: "b64_json",
      background: "transparent",
      moderation: "low",
      output_format: "webp",
      output_compression: 0,
      stream: false,
      partial_images: 3,
      user: "u",
    };
    expect(parse(body)).toEqual<ImageRequest>({
      op: "generate",
      model: "m",
      prompt: "a red cube",
      n: 10,
      size: { width: 1536, height: 1024 },
      quality: "high",
      style: "vivid",
      responseFormat: "b64_json",
      background: "transparent",
      moderation: "low",
      outputFormat: "webp",
      outputCompression: 0,
      endUser: "u",
      unknown: Object.create(null),
    });
  });

  it("takes null for the default in every optional field", () => {
    const nulls = {
      n: null,
      size: null,
      quality: null,
      style: null,
      response_format: null,
      background: null,
      moderation: null,
      output_format: null,
      output_compression: null,
      stream: null,
      partial_images: null,
      user: null,
      safety_identifier: null,
    };
    expect(parse({ ...GOOD, ...nulls })).toEqual(parse(GOOD));
  });

  it("prefers safety_identifier to the older user", () => {
    expect(parse({ ...GOOD, user: "old", safety_identifier: "new" }).endUser).toBe("new");
    expect(parse({ ...GOOD, user: "old", safety_identifier: null }).endUser).toBe("old");
  });

  it.each<[string, unknown, string, string | null]>([
    ["no model", { prompt: "x" }, "missing_required_parameter", "model"],
    ["no prompt", { model: "m" }, "missing_required_parameter", "prompt"],
    ["a null model", { ...GOOD, model: null }, "invalid_type", "model"],
    ["a null prompt", { ...GOOD, prompt: null }, "invalid_type", "prompt"],
    ["a numeric prompt", { ...GOOD, prompt: 5 }, "invalid_type", "prompt"],
    ["an empty model", { ...GOOD, model: "" }, "string_below_min_length", "model"],
    ["an empty prompt", { ...GOOD, prompt: "" }, "string_below_min_length", "prompt"],
    ["a model of 257 characters", { ...GOOD, model: "m".repeat(257) }, "string_above_max_length", "model"],
    ["n as text", { ...GOOD, n: "2" }, "invalid_type", "n"],
    ["a broken n", { ...GOOD, n: 1.5 }, "invalid_type", "n"],
    ["an infinite n", { ...GOOD, n: JSON.parse("1e400") }, "invalid_type", "n"],
    ["n of 0", { ...GOOD, n: 0 }, "integer_below_min_value", "n"],
    ["n of 11", { ...GOOD, n: 11 }, "integer_above_max_value", "n"],
    ["n as true", { ...GOOD, n: true }, "invalid_type", "n"],
    ["n in an array", { ...GOOD, n: [1] }, "invalid_type", "n"],
    ["a numeric size", { ...GOOD, size: 1024 }, "invalid_type", "size"],
    ["a size in words", { ...GOOD, size: "big" }, "invalid_size", "size"],
    ["a long size", { ...GOOD, size: "1".repeat(33) }, "string_above_max_length", "size"],
    ["an empty quality", { ...GOOD, quality: "" }, "string_below_min_length", "quality"],
    ["a long style", { ...GOOD, style: "x".repeat(65) }, "string_above_max_length", "style"],
    ["another response format", { ...GOOD, response_format: "svg" }, "invalid_value", "response_format"],
    ["a response format of 1", { ...GOOD, response_format: 1 }, "invalid_type", "response_format"],
    [
      "compression of 101",
      { ...GOOD, output_compression: 101 },
      "integer_above_max_value",
      "output_compression",
    ],
    [
      "compression of -1",
      { ...GOOD, output_compression: -1 },
      "integer_below_min_value",
      "output_compression",
    ],
    ["stream as text", { ...GOOD, stream: "true" }, "invalid_type", "stream"],
    ["four partial images", { ...GOOD, partial_images: 4 }, "integer_above_max_value", "partial_images"],
    ["a user of 513 characters", { ...GOOD, user: "u".repeat(513) }, "string_above_max_length", "user"],
    ["an array", [GOOD], "invalid_type", null],
    ["null", null, "invalid_type", null],
    ["a text", "hello", "invalid_type", null],
    ["nothing", undefined, "invalid_type", null],
    ["half a surrogate pair", { ...GOOD, prompt: "a\ud83d" }, "invalid_value", "prompt"],
    [
      "fields under __proto__",
      JSON.parse('{"__proto__":{"model":"m","prompt":"p"}}'),
      "missing_required_parameter",
      "model",
    ],
  ])("refuses %s", (_name, body, code, param) => {
    expect(refusal(body)).toMatchObject({ code, param });
  });

  it("says which type it wants and which it got", () => {
    expect(refusal({ ...GOOD, n: "2" }).message).toBe(
      "Invalid type for 'n': expected an integer, but got a string.",
    );
    expect(refusal({ ...GOOD, quality: 1.5 }).message).toBe(
      "Invalid type for 'quality': expected a string, but got a decimal number.",
    );
    expect(refusal([]).message).toBe(
      "Invalid type for the request body: expected an object, but got an array.",
    );
    expect(refusal({ ...GOOD, response_format: "svg" }).message).toBe(
      "Invalid value for 'response_format'. Supported: 'url', 'b64_json'.",
    );
  });

  it("counts code points, not UTF-16 units", () => {
    expect(parse({ ...GOOD, quality: "😀".repeat(64) }).quality).toBe("😀".repeat(64));
    expect(refusal({ ...GOOD, quality: "😀".repeat(65) }).code).toBe("string_above_max_length");
  });

  it("keeps unknown fields verbatim, whatever their names", () => {
    const body: unknown = JSON.parse(
      '{"model":"m","prompt":"p","seed":7,"__proto__":{"n":3},"constructor":"c","toString":null,"loras":[{"a":1}]}',
    );
    const { unknown, n } = parse(body);
    expect(n).toBe(1);
    expect(Object.getPrototypeOf(unknown)).toBeNull();
    expect(Object.entries(unknown)).toEqual([
      ["seed", 7],
      ["__proto__", { n: 3 }],
      ["constructor", "c"],
      ["toString", null],
      ["loras", [{ a: 1 }]],
    ]);
  });

  it("honours a narrower limit of images", () => {
    const narrow = generationParser({ images: 2 });
    expect(narrow({ ...GOOD, n: 2 }).n).toBe(2);
    expect(() => narrow({ ...GOOD, n: 3 })).toThrow("at most 2");
  });

  it("answers any JSON with a request or an error of status 400", () => {
    const field = fc.constantFrom(
      "model",
      "prompt",
      "n",
      "size",
      "quality",
      "response_format",
      "output_compression",
      "stream",
      "user",
      "__proto__",
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.string())));
    fc.assert(
      fc.property(body, (value) => {
        try {
          expect(parse(value).op).toBe("generate");
        } catch (error) {
          expect(error).toMatchObject({ name: "GatewayError", status: 400 });
        }
      }),
      { numRuns: 500 },
    );
  });
});
