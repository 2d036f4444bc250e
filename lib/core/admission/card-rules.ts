import { defined } from "../../internal/defined";
import type {
  CardParameter,
  Conversion,
  ImageConverter,
  ImageRequest,
  ModelCard,
  TaskFields,
  Warning,
} from "../../ports";
import { GatewayError } from "../../ports";
import { sortExtraFields } from "./extra-fields";
import { checkInputs } from "./input-rules";
import { invalidChoice } from "./invalid-choice";
import { outputFor } from "./output-rules";
import { acceptsSize, describeSizes } from "./size-rules";

const DEFAULT_PROMPT_CHARS = 4000;

export interface CardRulesOptions {
  /** Refuse unknown fields. */
  readonly strict: boolean;
  /** A host's own limit, narrower than the cards'. */
  readonly promptChars: number | undefined;
  /** Absent: every picture stays what the model makes of it. */
  readonly converter?: Pick<ImageConverter, "formats"> | undefined;
}

export interface CardVerdict {
  /** The task for all n images; splitting comes after. */
  readonly fields: TaskFields;
  /** What the pictures are made where the model makes something else. */
  readonly convert?: Conversion;
  readonly responseFormat: "url" | "b64_json";
  readonly warnings: readonly Warning[];
}

/**
 * Holds a valid request against what the card says of the model. What the card does not know is not checked here.
 *
 * @throws GatewayError with the `param` at fault
 */
export function applyCard(card: ModelCard, request: ImageRequest, options: CardRulesOptions): CardVerdict {
  const warnings: Warning[] = [];
  const warn = (warning: Warning) => void warnings.push(warning);
  checkPrompt(card, request, options.promptChars);
  checkInputs(card, request);

  /** A choice among names: dropped where the model has no such thing, refused where it has others. */
  const choice = (
    param: CardParameter & keyof ImageRequest,
    value: string | undefined,
    allowed: readonly string[] | undefined,
  ) => {
    if (value === undefined) return undefined;
    if (card.params?.[param] === false || allowed?.length === 0) {
      warn({ param, message: `'${param}' does not apply to this model and was ignored.` });
      return undefined;
    }
    if (allowed === undefined || allowed.includes(value)) return value;
    if (value === "auto") return undefined;
    throw invalidChoice(param, value, allowed);
  };

  const { limits } = card;
  const size = sizeFor(card, request);
  const quality = choice("quality", request.quality, limits?.qualities);
  const style = choice("style", request.style, limits?.styles);
  const background = choice("background", request.background, limits?.backgrounds);
  const moderation = choice("moderation", request.moderation, undefined);
  const { output, convert } = outputFor(card, request, options.converter, warn);
  const { extra, seed, negativePrompt } = sortExtraFields(card, request.unknown, options.strict, warn);

  return defined({
    warnings,
    convert,
    responseFormat: request.responseFormat ?? defaultResponseFormat(card, request.model),
    fields: defined({
      model: card.upstream ?? card.id,
      prompt: request.prompt,
      n: request.n,
      deliver: "any",
      extra,
      size,
      seed,
      negativePrompt,
      quality,
      style,
      background,
      moderation,
      output,
      partialImages: request.stream?.partialImages || undefined,
      endUser: card.params?.endUser === false ? undefined : request.endUser,
    }),
  });
}

function checkPrompt(card: ModelCard, request: ImageRequest, hostLimit = Number.POSITIVE_INFINITY): void {
  const limit = Math.min(card.limits?.promptChars ?? DEFAULT_PROMPT_CHARS, hostLimit);
  // UTF-16 units are never fewer than code points, so most prompts need no counting.
  if (request.prompt.length <= limit) return;
  let count = 0;
  for (const _ of request.prompt) count++;
  if (count <= limit) return;
  throw new GatewayError(
    "string_above_max_length",
    `Invalid 'prompt': it has ${count} characters, this model takes at most ${limit}.`,
    { param: "prompt" },
  );
}

function sizeFor(card: ModelCard, { size }: ImageRequest): TaskFields["size"] {
  const rules = card.limits?.sizes;
  if (size === undefined) return undefined;
  // Where no rule knows the word, leaving the size out means the same: the model's own choice.
  if (size === "auto") return rules?.some((rule) => rule.kind !== "any" && rule.auto) ? "auto" : undefined;
  if (rules === undefined || acceptsSize(rules, size)) return size;
  throw new GatewayError(
    "invalid_size",
    `The size '${size.width}x${size.height}' is not supported by this model. Supported: ${describeSizes(rules)}.`,
    { param: "size" },
  );
}

const GPT_IMAGE = /^(gpt|chatgpt)-image-/;

/** GPT image models have always answered base64, and @ai-sdk/openai relies on it without asking; it goes by the id it sent. */
const defaultResponseFormat = (card: ModelCard, requested: string): "url" | "b64_json" =>
  card.defaultResponseFormat ?? (GPT_IMAGE.test(requested) || GPT_IMAGE.test(card.id) ? "b64_json" : "url");
