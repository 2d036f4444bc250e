import { type CommonBody, commonFields, MODEL, NAME, PROMPT, type SchemaLimits } from "./common-fields";

/** A picture named by its address. Its bytes have been taken in before the schema sees it. */
export interface ImageReference {
  readonly image_url?: string;
  readonly [other: string]: unknown;
}

/** What a caller may write of an edit; in a form the pictures are files, and the last two are not there. */
export interface EditBody extends CommonBody {
  readonly prompt: string;
  readonly input_fidelity?: string | null;
  readonly images?: readonly ImageReference[] | null;
  readonly mask?: ImageReference | null;
}

/** What a caller may write of a variation. */
export interface VariationBody extends Omit<CommonBody, "model"> {
  /** Default: the one model that ever made them at OpenAI, which its SDKs let their callers leave out. */
  readonly model?: string | null;
}

const REFERENCE = { type: "object", properties: { image_url: { type: "string" } } } as const;

/**
 * POST /images/edits, a form's fields and JSON alike.
 *
 * @see https://platform.openai.com/docs/api-reference/images/createEdit
 */
export const editSchema = (limits: SchemaLimits) => ({
  type: "object" as const,
  required: ["model", "prompt"],
  properties: {
    model: MODEL,
    prompt: PROMPT,
    ...commonFields(limits),
    input_fidelity: NAME,
    images: { type: "array", nullable: true, items: REFERENCE },
    mask: { ...REFERENCE, nullable: true },
  } as const,
});

/**
 * POST /images/variations: all there is to say is how the picture is to come.
 *
 * @see https://platform.openai.com/docs/api-reference/images/createVariation
 */
export const variationSchema = (limits: SchemaLimits) => ({
  type: "object" as const,
  properties: { model: { ...MODEL, nullable: true }, ...commonFields(limits) } as const,
});
