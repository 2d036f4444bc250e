import type { CardParameter, ModelCard } from "../../ports/model-card";
import type { Family } from "./families";
import { CAUTIOUS, LOCALAI, PLAIN, type PromptStyle, SDCPP } from "./prompt";

/** The kinds of server that this provider knows apart. */
export type DialectName = "openai" | "azure" | "localai" | "sdcpp" | "generic";

/** A field of the request beside `model`, `prompt`, `n` and `size`, and the parameter of a card that governs it. */
export const FIELD_PARAMETERS = {
  quality: "quality",
  style: "style",
  background: "background",
  moderation: "moderation",
  output_format: "output",
  output_compression: "output",
  user: "endUser",
  seed: "seed",
  negative_prompt: "negativePrompt",
} as const satisfies Record<string, CardParameter>;

export type Field = keyof typeof FIELD_PARAMETERS;

/** How one kind of server differs from the others, as data. */
export interface Dialect {
  /** The header that carries the key. */
  readonly auth: "bearer" | "api-key";
  /** The optional fields that its servers read. */
  readonly fields: readonly Field[];
  /** The families of models whose requests may carry `response_format`; the others refuse it. */
  readonly responseFormat: readonly Family[];
  readonly prompt: PromptStyle;
  /**
   * Present where the server has one fixed seed of its own, so that we choose. Seeds stay below `range`; each further picture
   * of a call has a seed higher by `step`.
   */
  readonly chooseSeed?: { readonly range: number; readonly step: 0 | 1 };
  /** Models follow OpenAI's documentation when they have OpenAI's names. */
  readonly openaiModels: boolean;
  /** What holds for every model. */
  readonly card: Omit<ModelCard, "id">;
}

const CARD: Omit<ModelCard, "id"> = {
  ops: ["generate"],
  stream: false,
  progress: "status",
  previews: false,
  resume: false,
  idempotent: false,
};

const OPENAI: Dialect = {
  auth: "bearer",
  fields: ["quality", "style", "background", "moderation", "output_format", "output_compression", "user"],
  responseFormat: ["dall-e-2", "dall-e-3"],
  prompt: PLAIN,
  openaiModels: true,
  // Closing the connection gives no money back.
  card: { ...CARD, cancel: { queued: "no", running: "no" } },
};

const DRAWS_ONLY = {
  quality: false,
  style: false,
  background: false,
  moderation: false,
  endUser: false,
} as const;

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  openai: OPENAI,
  azure: { ...OPENAI, auth: "api-key" },
  localai: {
    auth: "bearer",
    fields: ["seed"],
    responseFormat: ["dall-e-2", "dall-e-3", "other"],
    prompt: LOCALAI,
    // Its protocol between server and backend has an int32; n pictures of one call would have one and the same seed.
    chooseSeed: { range: 2 ** 31, step: 0 },
    openaiModels: false,
    card: {
      ...CARD,
      limits: { n: 1 },
      params: { ...DRAWS_ONLY, output: false, seed: true, negativePrompt: true },
      cancel: { queued: "no", running: "best_effort" },
    },
  },
  sdcpp: {
    auth: "bearer",
    fields: ["output_format", "output_compression"],
    responseFormat: [],
    prompt: SDCPP,
    chooseSeed: { range: 2 ** 53, step: 1 },
    openaiModels: false,
    card: {
      ...CARD,
      ops: ["generate", "edit"],
      // It reads the colours of a mask, and OpenAI's masks say all by their transparency.
      params: { ...DRAWS_ONLY, output: true, seed: true, negativePrompt: true, mask: false },
      cancel: { queued: "no", running: "no" },
    },
  },
  generic: {
    auth: "bearer",
    fields: [
      "quality",
      "style",
      "background",
      "moderation",
      "output_format",
      "output_compression",
      "user",
      "seed",
      "negative_prompt",
    ],
    responseFormat: ["dall-e-2", "dall-e-3", "other"],
    prompt: CAUTIOUS,
    openaiModels: false,
    card: CARD,
  },
};
