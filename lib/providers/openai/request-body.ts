import { randomInt } from "node:crypto";

import type { ModelCard } from "../../ports/model-card";
import type { Warning } from "../../ports/provider";
import type { ImageTask, TaskFields } from "../../ports/task";
import { cardFamily } from "./cards";
import { type Dialect, FIELD_PARAMETERS, type Field } from "./dialects";
import { refuseSteering } from "./steering";

/** One request in the server's own terms. */
export interface Composed {
  /** All fields but the pictures. Null prototype. */
  readonly fields: Readonly<Record<string, unknown>>;
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

type Wishes = Omit<TaskFields, "prompt">;

const VALUES: Readonly<Record<Field, (task: Wishes) => unknown>> = {
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
  task: ImageTask,
  { dialect, card, sanitizePrompt, modelInBody }: Composition,
): Composed {
  refuseSteering(task.extra);
  const seed = seedOf(task, dialect);
  const seeded = seed === undefined ? task : { ...task, seed };
  const clean = sanitizePrompt ? dialect.prompt.neutralise : (text: string) => text;
  const given = promptOf(task);
  const prompt = given === undefined ? undefined : clean(given);
  const negative = task.negativePrompt === undefined ? undefined : clean(task.negativePrompt);

  // Without a prototype, so that a further field called `__proto__` is a field like any other.
  const fields: Record<string, unknown> = Object.create(null);
  Object.assign(fields, task.extra);
  if (modelInBody) fields["model"] = task.model;
  if (prompt !== undefined) fields["prompt"] = dialect.prompt.compose(prompt, { negative, seed });
  fields["n"] = task.n;
  if (typeof task.size === "object") fields["size"] = `${task.size.width}x${task.size.height}`;
  if (dialect.responseFormat.includes(cardFamily(card))) fields["response_format"] = formatOf(task);
  for (const field of dialect.fields) {
    const value = VALUES[field](seeded);
    if (value !== undefined && card.params?.[FIELD_PARAMETERS[field]] !== false) fields[field] = value;
  }

  if (card.stream === "native" && task.partialImages) {
    fields["stream"] = true;
    fields["partial_images"] = task.partialImages;
  }

  const warnings = prompt === given ? [] : [NEUTRALISED];
  const seeds =
    seed === undefined || !dialect.chooseSeed
      ? {}
      : { seeds: { first: seed, step: dialect.chooseSeed.step } };
  return { fields, warnings, ...seeds };
}

const promptOf = (task: ImageTask): string | undefined => (task.op === "variation" ? undefined : task.prompt);

const NEUTRALISED: Warning = {
  param: "prompt",
  message: "control sequences of the upstream were taken out of the prompt",
};

const formatOf = ({ deliver }: Wishes): string => (deliver === "url" ? "url" : "b64_json");

function seedOf(task: Wishes, { chooseSeed }: Dialect): number | undefined {
  if (!chooseSeed) return task.seed;
  return task.seed === undefined ? randomInt(RANDOM_SEEDS) : task.seed % chooseSeed.range;
}
