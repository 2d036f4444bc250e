import { type CommonBody, commonFields, MODEL, NAME, PROMPT, type SchemaLimits } from "./common-fields";

/** What a caller may write of a generation, before any model is known; `null` stands for the default everywhere. */
export interface GenerationBody extends CommonBody {
  readonly prompt: string;
  readonly style?: string | null;
}

/**
 * POST /images/generations. Field by field what OpenAI documents
 * (https://platform.openai.com/docs/api-reference/images/create), with `model` required; fields it does not name are left to
 * the model card.
 */
export const generationSchema = (limits: SchemaLimits) => ({
  type: "object" as const,
  required: ["model", "prompt"],
  properties: { model: MODEL, prompt: PROMPT, ...commonFields(limits), style: NAME },
});
