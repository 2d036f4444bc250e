import { defined } from "../internal/defined";
import type { ImageRequest, RequestInputs } from "../ports";
import { GatewayError } from "../ports";
import type { CommonBody, SchemaLimits } from "./common-fields";
import { type EditBody, editSchema, type VariationBody, variationSchema } from "./edit-schema";
import { fieldValue } from "./form-fields";
import { type GenerationBody, generationSchema } from "./generation-schema";
import { checkMask, checkReference } from "./picture-rules";
import { bodyChecker } from "./schema-check";
import { parseSize } from "./size";

/** @throws GatewayError with OpenAI's code and the `param` at fault */
export type ParseGeneration = (body: unknown) => ImageRequest;

/** What a request brings besides its fields. */
export interface Given {
  readonly inputs: RequestInputs;
  /** The field that pictures come in: of a form, or of JSON. */
  readonly pictureField: "image" | "images";
}

/** One kind of request that begins with pictures. */
export interface PictureRequest {
  /** Its pictures may be named in JSON, too. */
  readonly takesJson: boolean;
  readonly hasMask: boolean;
  /** The value of a form's field. */
  fieldValue(name: string, text: string): unknown;
  /** @throws GatewayError with OpenAI's code and the `param` at fault */
  parse(body: unknown, given: Given): ImageRequest;
}

const VARIATION_MODEL = "dall-e-2";

export function generationParser(limits: SchemaLimits): ParseGeneration {
  const schema = generationSchema(limits);
  const check = bodyChecker<GenerationBody>(schema);
  const known = knownFields(schema.properties, limits);
  return (value) => {
    const body = check(value);
    return {
      op: "generate",
      model: body.model,
      ...commonOf(body, known),
      prompt: wellFormed(body.prompt),
      ...optional("style", body.style),
      unknown: unknownFields(body, known),
    };
  };
}

export function editRequest(limits: SchemaLimits): PictureRequest {
  const schema = editSchema(limits);
  const check = bodyChecker<EditBody>(schema);
  const known = knownFields(schema.properties, limits);
  // Few models have it: their cards say so, as of fields that OpenAI does not know.
  known.delete("input_fidelity");
  return {
    takesJson: true,
    hasMask: true,
    fieldValue: (name, text) => fieldValue(schema.properties, name, text),
    parse(value, { inputs, pictureField }) {
      const body = check(value);
      for (const [at, image] of (body.images ?? []).entries()) checkReference(`images.${at}`, image);
      if (body.mask) checkReference("mask", body.mask);
      if (inputs.images.length === 0) throw missing(pictureField, pictureField === "images" ? IN_JSON : "");
      checkMask(inputs);
      return {
        op: "edit",
        model: body.model,
        ...commonOf(body, known),
        prompt: wellFormed(body.prompt),
        inputs,
        unknown: unknownFields(body, known),
      };
    },
  };
}

export function variationRequest(limits: SchemaLimits): PictureRequest {
  const schema = variationSchema(limits);
  const check = bodyChecker<VariationBody>(schema);
  const known = knownFields(schema.properties, limits);
  return {
    takesJson: false,
    hasMask: false,
    fieldValue: (name, text) => fieldValue(schema.properties, name, text),
    parse(value, { inputs, pictureField }) {
      const body = check(value);
      if (inputs.images.length === 0) throw missing(pictureField);
      if (inputs.images.length > 1) {
        const message = "A variation is made of one picture.";
        throw new GatewayError("invalid_value", message, { param: pictureField });
      }
      return {
        op: "variation",
        model: body.model ?? VARIATION_MODEL,
        ...commonOf(body, known),
        prompt: "",
        inputs,
        unknown: unknownFields(body, known),
      };
    },
  };
}

/** Forms call the field otherwise. */
const IN_JSON = ' In JSON it is a list: [{ "image_url": "…" }].';

const missing = (param: string, hint = ""): GatewayError =>
  new GatewayError("missing_required_parameter", `Missing required parameter: '${param}'.${hint}`, { param });

function wellFormed(prompt: string): string {
  if (prompt.isWellFormed()) return prompt;
  throw new GatewayError("invalid_value", "Invalid 'prompt': it holds half of a surrogate pair.", {
    param: "prompt",
  });
}

/** What callers may not do here is a field like any that OpenAI does not know. */
function knownFields(properties: object, { webhooks = false }: SchemaLimits): Set<string> {
  const known = new Set(Object.keys(properties));
  if (!webhooks) known.delete("webhook");
  return known;
}

type Common = Omit<ImageRequest, "op" | "model" | "prompt" | "style" | "inputs" | "unknown">;

function commonOf(body: Omit<CommonBody, "model">, known: ReadonlySet<string>): Common {
  const size = body.size ?? undefined;
  const endUser = body.safety_identifier ?? body.user ?? undefined;
  return defined({
    n: body.n ?? 1,
    size: size === undefined ? undefined : parseSize(size),
    quality: body.quality ?? undefined,
    background: body.background ?? undefined,
    moderation: body.moderation ?? undefined,
    outputFormat: body.output_format ?? undefined,
    outputCompression: body.output_compression ?? undefined,
    responseFormat: body.response_format ?? undefined,
    endUser,
    webhook: known.has("webhook") ? webhookOf(body.webhook) : undefined,
    stream: body.stream === true ? { partialImages: body.partial_images ?? 0 } : undefined,
  });
}

/** Absolute and without credentials; where it leads to is judged when it is used. */
function webhookOf(given: string | null | undefined): string | undefined {
  if (given === null || given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (url !== undefined && isWeb && url.username === "" && url.password === "") return url.href;
  const message = "Invalid 'webhook': expected an absolute http or https URL without credentials.";
  throw new GatewayError("invalid_value", message, { param: "webhook" });
}

const optional = <K extends string, V>(name: K, value: V | null | undefined): Partial<Record<K, V>> => {
  const part: Partial<Record<K, V>> = {};
  if (value !== null && value !== undefined) part[name] = value;
  return part;
};

/** One by one into a null prototype: an own `__proto__` of the caller's JSON is a name like any other. */
function unknownFields(body: object, known: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const unknown: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(body)) {
    if (!known.has(name)) unknown[name] = value;
  }
  return unknown;
}
