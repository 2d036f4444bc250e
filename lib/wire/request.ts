import type { ErrorObject } from "ajv";

import type { ImageRequest } from "../ports";
import { GatewayError } from "../ports";
import { type GenerationBody, generationSchema, KNOWN_FIELDS } from "./generation-schema";
import { toRequestError } from "./schema-error";
import { parseSize } from "./size";

/** @throws GatewayError with OpenAI's code and the `param` at fault */
export type ParseGeneration = (body: unknown) => ImageRequest;

/** Compiles the check once; nothing of a caller's JSON is ever coerced. */
export function generationParser(limits: { readonly images: number }): ParseGeneration {
  // Here and not at the top: whoever imports the package for its types and errors does not wait for it.
  const { Ajv }: typeof import("ajv") = require("ajv");
  const ajv = new Ajv({
    allErrors: false,
    coerceTypes: false,
    useDefaults: false,
    strict: true,
    verbose: false,
  });
  const isGenerationBody = ajv.compile<GenerationBody>(generationSchema(limits));
  return (body) => {
    if (!isGenerationBody(body)) throw firstError(isGenerationBody.errors, body);
    return toRequest(body);
  };
}

function firstError(errors: ErrorObject[] | null | undefined, body: unknown): GatewayError {
  const [error] = errors ?? [];
  if (error === undefined) return new GatewayError("invalid_request", "The request body is not valid.");
  return toRequestError(error, valueAt(body, error.instancePath));
}

const valueAt = (body: unknown, path: string): unknown =>
  path === "" ? body : Object.entries(body ?? {}).find(([name]) => `/${name}` === path)?.[1];

function toRequest(body: GenerationBody): ImageRequest {
  if (!body.prompt.isWellFormed()) {
    throw new GatewayError("invalid_value", "Invalid 'prompt': it holds half of a surrogate pair.", {
      param: "prompt",
    });
  }
  const size = body.size ?? undefined;
  const endUser = body.safety_identifier ?? body.user ?? undefined;
  return {
    op: "generate",
    model: body.model,
    prompt: body.prompt,
    n: body.n ?? 1,
    ...(size === undefined ? {} : { size: parseSize(size) }),
    ...optional("quality", body.quality),
    ...optional("style", body.style),
    ...optional("background", body.background),
    ...optional("moderation", body.moderation),
    ...optional("outputFormat", body.output_format),
    ...optional("outputCompression", body.output_compression),
    ...optional("responseFormat", body.response_format),
    ...optional("endUser", endUser),
    ...(body.stream === true ? { stream: { partialImages: body.partial_images ?? 0 } } : {}),
    unknown: unknownFields(body),
  };
}

const optional = <K extends string, V>(name: K, value: V | null | undefined): Partial<Record<K, V>> => {
  const part: Partial<Record<K, V>> = {};
  if (value !== null && value !== undefined) part[name] = value;
  return part;
};

/** One by one into a null prototype: an own `__proto__` of the caller's JSON is a name like any other. */
function unknownFields(body: GenerationBody): Readonly<Record<string, unknown>> {
  const unknown: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(body)) {
    if (!KNOWN_FIELDS.has(name)) unknown[name] = value;
  }
  return unknown;
}
