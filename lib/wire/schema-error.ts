import type { ErrorObject } from "ajv";

import { GatewayError } from "../ports";

/** Says what the schema found, in OpenAI's codes and with the field as `param`. */
export function toRequestError(error: ErrorObject, value: unknown): GatewayError {
  const param = error.instancePath.slice(1).replaceAll("/", ".") || undefined;
  const name = param === undefined ? "the request body" : `'${param}'`;
  switch (error.keyword) {
    case "required": {
      const missing = String(error.params["missingProperty"]);
      return new GatewayError("missing_required_parameter", `Missing required parameter: '${missing}'.`, {
        param: missing,
      });
    }
    case "type":
      return new GatewayError(
        "invalid_type",
        `Invalid type for ${name}: expected ${withArticle(String(error.params["type"]))}, but got ${describe(value)}.`,
        { param },
      );
    case "maximum":
      return new GatewayError(
        "integer_above_max_value",
        `Invalid ${name}: it must be at most ${error.params["limit"]}.`,
        {
          param,
        },
      );
    case "minimum":
      return new GatewayError(
        "integer_below_min_value",
        `Invalid ${name}: it must be at least ${error.params["limit"]}.`,
        {
          param,
        },
      );
    case "maxLength":
      return new GatewayError(
        "string_above_max_length",
        `Invalid ${name}: it must have at most ${error.params["limit"]} characters.`,
        { param },
      );
    case "minLength":
      return new GatewayError("string_below_min_length", `Invalid ${name}: it must not be empty.`, { param });
    case "enum": {
      const allowed: unknown = error.params["allowedValues"];
      const names = Array.isArray(allowed)
        ? allowed.filter((each) => each !== null).map((each) => `'${each}'`)
        : [];
      return new GatewayError("invalid_value", `Invalid value for ${name}. Supported: ${names.join(", ")}.`, {
        param,
      });
    }
    default:
      return new GatewayError("invalid_value", `Invalid value for ${name}.`, { param });
  }
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a decimal number";
  return withArticle(typeof value);
}

const withArticle = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);
