import { outputFor } from "../../../lib/core/admission/output-rules";
import type { ConvertedFormat, ModelCard, Warning } from "../../../lib/ports";
import { refusalOf } from "../bench";

type Card = Pick<ModelCard, "limits" | "params">;

interface Asked {
  readonly outputFormat?: string;
  readonly outputCompression?: number;
}

const ALL: readonly ConvertedFormat[] = ["png", "jpeg", "webp"];

/** @param convertible absent: there is no converter */
function settle(card: Card, asked: Asked, convertible?: readonly ConvertedFormat[]) {
  const warnings: Warning[] = [];
  const converter = convertible && { formats: () => convertible };
  const settled = outputFor({ id: "m", ...card }, asked, converter, (warning) => warnings.push(warning));
  return { ...settled, warnings };
}

const refused = (...args: Parameters<typeof settle>) => refusalOf(() => settle(...args));

const FIXED: readonly Card[] = [{ params: { output: false } }, { limits: { formats: [] } }];
const PNG_OR_WEBP: Card = { limits: { formats: ["png", "webp"] } };

describe("what the model makes", () => {
  it.each([PNG_OR_WEBP, {}])("is asked of it, with its compression (%j)", (card) => {
    const asked = { outputFormat: "webp", outputCompression: 40 };
    expect(settle(card, asked, ALL)).toEqual({ output: { format: "webp", compression: 40 }, warnings: [] });
  });

  it("is not chosen where nobody asks", () => {
    expect(settle({}, {}, ALL)).toEqual({ warnings: [] });
    expect(settle({}, { outputCompression: 0 }, ALL)).toEqual({ output: { compression: 0 }, warnings: [] });
  });

  it("is not passed on where it is the only one", () => {
    const card = { params: { output: false }, limits: { formats: ["png"] } };
    expect(settle(card, { outputFormat: "png" }, ALL)).toEqual({ warnings: [] });
  });

  it.each(FIXED)("takes no compression where there is no choice, and says so (%j)", (card) => {
    const message = "'output_compression' does not apply to this model and was ignored.";
    expect(settle(card, { outputCompression: 0 }, ALL)).toEqual({
      warnings: [{ param: "output_compression", message }],
    });
  });
});

describe("what it does not make", () => {
  it("is converted, best from PNG, and the caller reads it", () => {
    const asked = { outputFormat: "jpeg", outputCompression: 40 };
    const message = "This model does not make 'jpeg': its pictures are converted.";
    expect(settle(PNG_OR_WEBP, asked, ALL)).toEqual({
      output: { format: "png" },
      convert: { format: "jpeg", compression: 40 },
      warnings: [{ param: "output_format", message }],
    });
  });

  it("is converted from what the model prefers, where that makes no PNG", () => {
    expect(settle({ limits: { formats: ["jpeg"] } }, { outputFormat: "webp" }, ALL)).toMatchObject({
      convert: { format: "webp" },
    });
    expect(settle({ limits: { formats: ["jpeg"] } }, { outputFormat: "webp" }, ALL)).not.toHaveProperty(
      "output",
    );
  });

  it.each([...FIXED, { params: { output: false }, limits: { formats: ["png"] } }])(
    "is converted where it cannot be chosen, which the model is not asked for then (%j)",
    (card) => {
      const message =
        "This model does not let the output format be chosen: pictures that are no 'jpeg' are converted.";
      expect(settle(card, { outputFormat: "jpeg" }, ALL)).toEqual({
        convert: { format: "jpeg" },
        warnings: [{ param: "output_format", message }],
      });
    },
  );

  it("leaves the compression out of a PNG, and says so", () => {
    const { convert, warnings } = settle(
      { limits: { formats: ["webp"] } },
      { outputFormat: "png", outputCompression: 40 },
      ALL,
    );
    expect(convert).toEqual({ format: "png" });
    expect(warnings.map(({ param }) => param)).toEqual(["output_compression", "output_format"]);
  });

  it("is refused where the converter cannot make it either, with what both can", async () => {
    expect(await refused(PNG_OR_WEBP, { outputFormat: "bmp" }, ALL)).toMatchObject({
      code: "invalid_value",
      param: "output_format",
      message: "Invalid value 'bmp' for 'output_format'. Supported by this model: 'png', 'webp', 'jpeg'.",
    });
    expect((await refused({ limits: { formats: [] } }, { outputFormat: "bmp" }, ALL)).message).toContain(
      "Supported by this model: 'png', 'jpeg', 'webp'.",
    );
  });

  it.each([undefined, []])("is refused where nothing can be converted (%j)", async (convertible) => {
    expect(await refused(PNG_OR_WEBP, { outputFormat: "jpeg" }, convertible)).toMatchObject({
      code: "invalid_value",
      param: "output_format",
      message: "Invalid value 'jpeg' for 'output_format'. Supported by this model: 'png', 'webp'.",
    });
    for (const card of FIXED) {
      expect(await refused(card, { outputFormat: "png" }, convertible)).toMatchObject({
        code: "unsupported_parameter",
        param: "output_format",
        message: expect.stringContaining("this server does not convert pictures"),
      });
    }
  });
});

it("asks the converter only where it is needed: it may have to load something", () => {
  const formats = jest.fn(() => ALL);
  outputFor({ id: "m", ...PNG_OR_WEBP }, { outputFormat: "png" }, { formats }, () => {});
  outputFor({ id: "m", limits: { formats: [] } }, { outputCompression: 3 }, { formats }, () => {});
  expect(formats).not.toHaveBeenCalled();
});
