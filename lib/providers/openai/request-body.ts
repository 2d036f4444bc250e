import { randomInt } from "node:crypto";

import type { ModelCard } from "../../ports/model-card";
import type { Warning } from "../../ports/provider";
import type { ImageTask } from "../../ports/task";
import { cardFamily } from "./cards";
import { type Dialect, FIELD_PARAMETERS, type Field } from "./dialects";
import { refuseSteering } from "./steering";

export type GenerateTask = Extract<ImageTask, { readonly op: "generate" }>;

/** One request, ready to be sent. */
export interface Composed {
  readonly body: string;
  /** The seeds of the pictures, where the server's way with them is known. */
  readonly seeds?: { readonly first: number; readonly step: number };
  readonly warnings: readonly Warning[];
}

export interface Composition {
  readonly dialect: Dialect;
  readonly card: ModelCard;
  /** `false`: the operator wants prompts to reach the upstream untouched. */
  readonly sanitizePrompt: boolean;
  /** Azure's older addresses name the model themselves. */
  readonly modelInBody: boolean;
}

/** `randomInt` draws from at most 2^48. */
const RANDOM_SEEDS = 2 ** 31;

const VALUES: Readonly<Record<Field, (task: GenerateTask) => unknown>> = {
  quality: ({ quality }) => quality,
  style: ({ style }) => style,
  background: ({ background }) => background,
  moderation: ({ moderation }) => moderation,
  output_format: ({ output }) => output?.format,
  output_compression: ({ output }) => output?.compression,
  user: ({ endUser }) => endUser,
  seed: ({ seed }) => seed,
  negative_prompt: ({ negativePrompt }) => negativePrompt,
};

/**
 * Writes the request in the server's dialect.
 *
 * @throws ProviderError `unsupported_param` for a further field that steers the upstream.
 */
export function compose(
  task: GenerateTask,
  { dialect, card, sanitizePrompt, modelInBody }: Composition,
): Composed {
  refuseSteering(task.extra);
  const seed = seedOf(task, dialect);
  const seeded = seed === undefined ? task : { ...task, seed };
  const clean = sanitizePrompt ? dialect.prompt.neutralise : (text: string) => text;
  const prompt = clean(task.prompt);
  const negative = task.negativePrompt === undefined ? undefined : clean(task.negativePrompt);

  // Without a prototype, so that a further field called `__proto__` is a field like any other.
  const body: Record<string, unknown> = Object.create(null);
  Object.assign(body, task.extra);
  if (modelInBody) body["model"] = task.model;
  body["prompt"] = dialect.prompt.compose(prompt, { negative, seed });
  body["n"] = task.n;
  if (typeof task.size === "object") body["size"] = `${task.size.width}x${task.size.height}`;
  if (dialect.responseFormat.includes(cardFamily(card))) body["response_format"] = formatOf(task);
  for (const field of dialect.fields) {
    const value = VALUES[field](seeded);
    if (value !== undefined && card.params?.[FIELD_PARAMETERS[field]] !== false) body[field] = value;
  }

  if (card.stream === "native" && task.partialImages) {
    body["stream"] = true;
    body["partial_images"] = task.partialImages;
  }

  const warnings = prompt === task.prompt ? [] : [NEUTRALISED];
  const seeds =
    seed === undefined || !dialect.chooseSeed
      ? {}
      : { seeds: { first: seed, step: dialect.chooseSeed.step } };
  return { body: JSON.stringify(body), warnings, ...seeds };
}

const NEUTRALISED: Warning = {
  param: "prompt",
  message: "control sequences of the upstream were taken out of the prompt",
};

const formatOf = ({ deliver }: GenerateTask): string => (deliver === "url" ? "url" : "b64_json");

function seedOf(task: GenerateTask, { chooseSeed }: Dialect): number | undefined {
  if (!chooseSeed) return task.seed;
  return task.seed === undefined ? randomInt(RANDOM_SEEDS) : task.seed % chooseSeed.range;
}
