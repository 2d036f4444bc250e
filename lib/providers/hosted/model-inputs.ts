import { type SizeInput, sizeNames } from "./size-input";

/** An input that takes one of some words. */
export interface ChoiceInput {
  readonly name: string;
  /** The words that clients write; an object says what the model calls each: `{ jpeg: "jpg" }`. */
  readonly values: readonly string[] | Readonly<Record<string, string>>;
}

/**
 * Which inputs of a hosted model take what a request says. What has no input here cannot be asked of the model, and the model's
 * card says so.
 */
export interface ModelInputs {
  /** @default "prompt" */
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly seed?: string;
  /** Pictures of one call, at most `max`. Absent: one. */
  readonly n?: { readonly name: string; readonly max: number };
  readonly size?: SizeInput;
  readonly quality?: ChoiceInput;
  readonly style?: ChoiceInput;
  readonly background?: ChoiceInput;
  /** `output_format` */
  readonly format?: ChoiceInput;
  /** `output_compression`, 0–100. */
  readonly compression?: string;
  /** Further fields that clients may write, and the inputs they fill: `{ steps: "num_inference_steps" }`. */
  readonly extra?: Readonly<Record<string, string>>;
}

export const MODEL_INPUTS = [
  "prompt",
  "negativePrompt",
  "seed",
  "n",
  "size",
  "quality",
  "style",
  "background",
  "format",
  "compression",
  "extra",
] as const satisfies readonly (keyof ModelInputs)[];

/** The choices, and the field of a request that each stands for. */
const CHOICES = {
  quality: "quality",
  style: "style",
  background: "background",
  format: "output_format",
} as const satisfies Partial<Record<keyof ModelInputs, string>>;

export type Choice = keyof typeof CHOICES;

export const CHOICE_NAMES = ["quality", "style", "background", "format"] as const satisfies readonly Choice[];

export const promptInput = ({ prompt = "prompt" }: ModelInputs): string => prompt;

/** The words of a choice, each with what the model calls it. */
export function wordsOf({ values }: ChoiceInput): ReadonlyMap<string, string> {
  return new Map(isList(values) ? values.map((word) => [word, word]) : Object.entries(values));
}

const isList = (values: ChoiceInput["values"]): values is readonly string[] => Array.isArray(values);

/** The field of a request behind each input, but for those of `extra`. */
export function fieldsByInput(inputs: ModelInputs): ReadonlyMap<string, string> {
  const { negativePrompt, seed, n, size, compression } = inputs;
  const fields = new Map([[promptInput(inputs), "prompt"]]);
  if (negativePrompt !== undefined) fields.set(negativePrompt, "negative_prompt");
  if (seed !== undefined) fields.set(seed, "seed");
  if (n !== undefined) fields.set(n.name, "n");
  if (size !== undefined) for (const name of sizeNames(size)) fields.set(name, "size");
  for (const choice of CHOICE_NAMES) {
    const input = inputs[choice];
    if (input !== undefined) fields.set(input.name, CHOICES[choice]);
  }
  if (compression !== undefined) fields.set(compression, "output_compression");
  return fields;
}
