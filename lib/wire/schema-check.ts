import type { ErrorObject, SchemaObject } from "ajv";

import { GatewayError } from "../ports";
import { toRequestError } from "./schema-error";

/**
 * Compiles the check of a body once; nothing of a caller's JSON is ever coerced. What it gives throws GatewayError with OpenAI's
 * code and the `param` at fault.
 */
export function bodyChecker<Body>(schema: SchemaObject): (body: unknown) => Body {
  // Here and not at the top: whoever imports the package for its types and errors does not wait for it.
  const { Ajv }: typeof import("ajv") = require("ajv");
  const ajv = new Ajv({
    allErrors: false,
    coerceTypes: false,
    useDefaults: false,
    strict: true,
    verbose: false,
  });
  const isBody = ajv.compile<Body>(schema);
  return (body) => {
    if (isBody(body)) return body;
    throw firstError(isBody.errors, body);
  };
}

function firstError(errors: ErrorObject[] | null | undefined, body: unknown): GatewayError {
  const [error] = errors ?? [];
  if (error === undefined) return new GatewayError("invalid_request", "The request body is not valid.");
  return toRequestError(error, valueAt(body, error.instancePath));
}

/** @param path such as `/images/0/image_url`; only names of the schema occur in it, which need no unescaping */
function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const step of path.split("/").slice(1)) {
    value = Object.entries(value ?? {}).find(([name]) => name === step)?.[1];
  }
  return value;
}
