import type { Warning } from "../../ports/provider";
import { ProviderError } from "../../ports/provider-error";
import type { ImageTask } from "../../ports/task";
import { CHOICE_NAMES, type Choice, promptInput, wordsOf } from "./model-inputs";
import type { Model } from "./models";
import { sizeValues } from "./size-input";

export type GenerateTask = Extract<ImageTask, { readonly op: "generate" }>;

export interface FilledInputs {
  /** Without a prototype, so that no name is special. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
}

/** The gateway's seeds go up to 2^53; some models take no more than a positive int32. */
const SEEDS = 2 ** 31;

/**
 * Writes a task into the inputs of a model: what the operator has fixed, then further fields as the card lists them, then what
 * the request says in words of its own.
 *
 * @throws ProviderError `unsupported_param` for a further field that stands for something else already
 */
export function fillInputs(task: GenerateTask, model: Model): FilledInputs {
  const { inputs, defaults } = model;
  const input: Record<string, unknown> = Object.create(null);
  Object.assign(input, defaults);
  for (const [field, value] of Object.entries(task.extra)) input[extraInput(field, model)] = value;

  input[promptInput(inputs)] = task.prompt;
  if (inputs.n !== undefined) input[inputs.n.name] = task.n;
  if (inputs.seed !== undefined && task.seed !== undefined) input[inputs.seed] = task.seed % SEEDS;
  if (inputs.negativePrompt !== undefined && task.negativePrompt !== undefined) {
    input[inputs.negativePrompt] = task.negativePrompt;
  }
  if (inputs.size !== undefined && typeof task.size === "object") {
    Object.assign(input, sizeValues(inputs.size, task.size));
  }
  for (const choice of CHOICE_NAMES) {
    const chosen = inputs[choice];
    const word = wordFor(choice, task);
    if (chosen !== undefined && word !== undefined) input[chosen.name] = wordsOf(chosen).get(word) ?? word;
  }
  const compression = task.output?.compression;
  if (compression === undefined) return { input, warnings: [] };
  if (inputs.compression === undefined) return { input, warnings: [NO_COMPRESSION] };
  input[inputs.compression] = compression;
  return { input, warnings: [] };
}

const NO_COMPRESSION: Warning = {
  param: "output_compression",
  message: "'output_compression' does not apply to this model and was ignored.",
};

const WORDS: Readonly<Record<Choice, (task: GenerateTask) => string | undefined>> = {
  quality: ({ quality }) => quality,
  style: ({ style }) => style,
  background: ({ background }) => background,
  format: ({ output }) => output?.format,
};

const wordFor = (choice: Choice, task: GenerateTask): string | undefined => WORDS[choice](task);

/** A second way to what was checked and priced, or fixed by the operator, would get round both. */
function extraInput(field: string, { card, inputs, defaults, fields, reserved }: Model): string {
  const { extra = {} } = inputs;
  const input = Object.hasOwn(extra, field) ? extra[field] : undefined;
  const name = input ?? field;
  const isFixed = card.extra === "pass" && input === undefined && Object.hasOwn(defaults, name);
  if (!fields.has(name) && !reserved.has(name) && !isFixed) return name;
  throw new ProviderError("unsupported_param", "this field may not be sent to the upstream", {
    started: "no",
    param: field,
  });
}

/** What a caller has written is their secret too, once it is long enough to be told from any other word. */
export const promptsOf = ({ prompt, negativePrompt = "" }: GenerateTask): string[] =>
  [prompt, negativePrompt].filter((text) => text.length >= 8);
