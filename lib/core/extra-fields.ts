import type { ModelCard, Warning } from "../ports";

import { GatewayError } from "../ports";

/** Fields by which a caller could steer an upstream; never forwarded on a blanket `extra: "pass"`. */
const STEERING =
  /url|^files?|^ref_images$|^webhook|^override_settings|^alwayson_scripts$|^api_base$|^infotext$/i;

/** Unknown fields that the task carries under a name of its own. */
const LIFTED = new Set(["seed", "negative_prompt"]);

export interface ExtraFields {
  readonly seed?: number;
  readonly negativePrompt?: string;
  /** Null prototype. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Sorts the fields that OpenAI does not know by what the card allows.
 *
 * @param strict refuse what the card does not list, instead of ignoring it with a warning
 * @throws GatewayError `unknown_parameter`, `invalid_type`, `invalid_value`
 */
export function sortExtraFields(
  card: ModelCard,
  unknown: Readonly<Record<string, unknown>>,
  strict: boolean,
  warn: (warning: Warning) => void,
): ExtraFields {
  const extra: Record<string, unknown> = Object.create(null);
  let seed: number | undefined;
  let negativePrompt: string | undefined;
  for (const [name, value] of Object.entries(unknown)) {
    if (!isAllowed(card, name)) {
      if (strict)
        throw new GatewayError("unknown_parameter", `Unknown parameter: '${name}'.`, { param: name });
      warn({ param: name, message: `'${name}' is not known to this model and was ignored.` });
    } else if (!LIFTED.has(name)) {
      extra[name] = value;
    } else if (value !== null && name === "seed") {
      seed = checkedSeed(value);
    } else if (value !== null) {
      negativePrompt = checkedNegativePrompt(value);
    }
  }
  return {
    extra,
    ...(seed === undefined ? {} : { seed }),
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
  };
}

function isAllowed(card: ModelCard, name: string): boolean {
  if (name === "seed" && card.params?.seed !== undefined) return card.params.seed;
  if (name === "negative_prompt" && card.params?.negativePrompt !== undefined)
    return card.params.negativePrompt;
  if (card.extra === "pass") return !STEERING.test(name);
  return card.extra?.includes(name) ?? false;
}

function checkedSeed(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new GatewayError("invalid_type", "Invalid type for 'seed': expected an integer.", {
      param: "seed",
    });
  }
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
    throw new GatewayError("invalid_value", "Invalid value for 'seed': expected 0 to 2^53-1.", {
      param: "seed",
    });
  }
  return value;
}

function checkedNegativePrompt(value: unknown): string {
  if (typeof value === "string") return value;
  throw new GatewayError("invalid_type", "Invalid type for 'negative_prompt': expected a string.", {
    param: "negative_prompt",
  });
}
