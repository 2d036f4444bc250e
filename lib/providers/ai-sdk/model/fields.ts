import type { CardParameter } from "../../../ports/model-card";
import type { ImageTask } from "../../../ports/task";

/** The fields of a request that a call of the AI SDK has no place for, and the parameter of a card that governs each. */
export const FIELD_PARAMETERS = {
  seed: "seed",
  negative_prompt: "negativePrompt",
  quality: "quality",
  style: "style",
  background: "background",
  moderation: "moderation",
  output_format: "output",
  output_compression: "output",
  user: "endUser",
} as const satisfies Record<string, CardParameter>;

/** A field as clients write it. `seed` has a place in the call, which some vendors do not read. */
export type Field = keyof typeof FIELD_PARAMETERS;

export const FIELDS: readonly Field[] = [
  "seed",
  "negative_prompt",
  "quality",
  "style",
  "background",
  "moderation",
  "output_format",
  "output_compression",
  "user",
];

/** What a task has for each of them. */
export const VALUES: Readonly<Record<Field, (task: ImageTask) => string | number | undefined>> = {
  seed: ({ seed }) => seed,
  negative_prompt: ({ negativePrompt }) => negativePrompt,
  quality: ({ quality }) => quality,
  style: ({ style }) => style,
  background: ({ background }) => background,
  moderation: ({ moderation }) => moderation,
  output_format: ({ output }) => output?.format,
  output_compression: ({ output }) => output?.compression,
  user: ({ endUser }) => endUser,
};
