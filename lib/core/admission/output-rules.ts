import { defined } from "../../internal/defined";
import type {
  Conversion,
  ConvertedFormat,
  ImageConverter,
  ImageRequest,
  ModelCard,
  TaskFields,
  Warning,
} from "../../ports";
import { GatewayError } from "../../ports";
import { invalidChoice } from "./invalid-choice";

interface Output {
  /** What the model is asked for. */
  readonly output?: TaskFields["output"];
  readonly convert?: Conversion;
}

type Asked = Pick<ImageRequest, "outputFormat" | "outputCompression">;
type Converter = Pick<ImageConverter, "formats"> | undefined;
type Warn = (warning: Warning) => void;

/**
 * Settles who makes the format that is asked for: the model where it can, else the converter.
 *
 * @throws GatewayError `invalid_value` for a format that neither makes, `unsupported_parameter` where there is no choice at all
 */
export function outputFor(card: ModelCard, asked: Asked, converter: Converter, warn: Warn): Output {
  const { outputFormat: format, outputCompression: compression } = asked;
  const formats = card.limits?.formats;
  const isFixed = card.params?.output === false || formats?.length === 0;
  const isMade = formats?.length ? format !== undefined && formats.includes(format) : !isFixed;
  if (format !== undefined && !isMade)
    return converted(card, { ...asked, outputFormat: format }, converter, warn);
  if (isFixed) {
    if (compression !== undefined) warn(ignored("this model"));
    return {};
  }
  if (format === undefined && compression === undefined) return {};
  return {
    output: defined({ format, compression }),
  };
}

function converted(
  { limits, params }: ModelCard,
  { outputFormat, outputCompression: compression }: Asked & { readonly outputFormat: string },
  converter: Converter,
  warn: Warn,
): Output {
  const formats = limits?.formats ?? [];
  const convertible = converter?.formats() ?? [];
  const format = convertible.find((each) => each === outputFormat);
  if (format === undefined) throw refusal(outputFormat, formats, convertible);

  const isLossless = format === "png";
  if (isLossless && compression !== undefined) warn(ignored("PNG"));
  const isChosen = params?.output !== false && formats.length > 0;
  const message = isChosen
    ? `This model does not make '${format}': its pictures are converted.`
    : `This model does not let the output format be chosen: pictures that are no '${format}' are converted.`;
  warn({ param: "output_format", message });
  return {
    // What has lost nothing yet is best to convert.
    ...(isChosen && formats.includes("png") ? { output: { format: "png" } } : {}),
    convert: { format, ...(isLossless || compression === undefined ? {} : { compression }) },
  };
}

function refusal(
  wanted: string,
  formats: readonly string[],
  convertible: readonly ConvertedFormat[],
): GatewayError {
  const known = [...new Set([...formats, ...convertible])];
  if (known.length > 0) return invalidChoice("output_format", wanted, known);
  return new GatewayError(
    "unsupported_parameter",
    "This model's output format cannot be chosen, and this server does not convert pictures.",
    { param: "output_format" },
  );
}

const ignored = (by: string): Warning => ({
  param: "output_compression",
  message: `'output_compression' does not apply to ${by} and was ignored.`,
});
