import { defined } from "../../internal/defined";
import { shortened } from "../../internal/shortened";
import type { ModelCard, Warning } from "../../ports";

import { GatewayError } from "../../ports";

/** Fields by which a caller could steer an upstream; refused, at any depth, under a blanket `extra: "pass"`. */
const STEERING =
  /url|^files?|^ref_images$|^webhook|^override_settings|^alwayson_scripts$|^api_base$|^infotext$|^__proto__$/i;

/** Warnings stand in every event of a job: a name that fills a whole body must not. */
const MAX_NAME = 64;

/** Unknown fields that the task carries under a name of its own. */
const LIFTED = new Set(["seed", "negative_prompt"]);

export interface ExtraFields {
  readonly seed?: number;
  readonly negativePrompt?: string;
  /** Null prototype. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** What is ignored for another reason than that the model does not know it. */
const IGNORED = new Map([
  [
    "webhook",
    "This server does not send webhooks, so 'webhook' was ignored. Poll the job or listen to its events.",
  ],
]);

/**
 * Sorts the fields that OpenAI does not know by what the card allows.
 *
 * @param strict refuse what the card does not list, instead of ignoring it with a warning
 * @throws GatewayError `unknown_parameter`, `unsupported_parameter`, `invalid_type`, `invalid_value`
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
      const param = shortened(name, MAX_NAME);
      if (strict) throw new GatewayError("unknown_parameter", `Unknown parameter: '${param}'.`, { param });
      warn({ param, message: IGNORED.get(name) ?? `'${param}' is not known to this model and was ignored.` });
    } else if (card.extra === "pass" && steers(name, value)) {
      const param = shortened(name, MAX_NAME);
      throw new GatewayError("unsupported_parameter", `'${param}' must not be sent to a provider.`, {
        param,
      });
    } else if (!LIFTED.has(name)) {
      extra[name] = value;
    } else if (value !== null && name === "seed") {
      seed = checkedSeed(value);
    } else if (value !== null) {
      negativePrompt = checkedNegativePrompt(value);
    }
  }
  return defined({ extra, seed, negativePrompt });
}

function isAllowed(card: ModelCard, name: string): boolean {
  if (name === "seed" && card.params?.seed !== undefined) return card.params.seed;
  if (name === "negative_prompt" && card.params?.negativePrompt !== undefined)
    return card.params.negativePrompt;
  return card.extra === "pass" || (card.extra?.includes(name) ?? false);
}

function steers(name: string, value: unknown): boolean {
  if (STEERING.test(name)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => steers(Array.isArray(value) ? "" : key, inner));
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
  if (typeof value === "string" && value.isWellFormed()) return value;
  if (typeof value === "string") {
    throw new GatewayError("invalid_value", "Invalid 'negative_prompt': it holds half of a surrogate pair.", {
      param: "negative_prompt",
    });
  }
  throw new GatewayError("invalid_type", "Invalid type for 'negative_prompt': expected a string.", {
    param: "negative_prompt",
  });
}
