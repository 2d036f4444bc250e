/** What a caller may write, before any model is known; `null` stands for the default everywhere. */
export interface GenerationBody {
  readonly model: string;
  readonly prompt: string;
  readonly n?: number | null;
  readonly size?: string | null;
  readonly quality?: string | null;
  readonly style?: string | null;
  readonly response_format?: "url" | "b64_json" | null;
  readonly background?: string | null;
  readonly moderation?: string | null;
  readonly output_format?: string | null;
  readonly output_compression?: number | null;
  readonly stream?: boolean | null;
  readonly partial_images?: number | null;
  readonly user?: string | null;
  readonly safety_identifier?: string | null;
}

/** A name out of a set that the model card knows; kept short so that an error can quote it. */
const NAME = { type: "string", nullable: true, minLength: 1, maxLength: 64 } as const;
const OPAQUE_ID = { type: "string", nullable: true, maxLength: 512 } as const;

/**
 * POST /images/generations. Field by field what OpenAI documents
 * (https://platform.openai.com/docs/api-reference/images/create), with `model` required; fields it does not name are left to
 * the model card. Lengths count code points.
 */
export const generationSchema = (limits: { readonly images: number }) => ({
  type: "object",
  required: ["model", "prompt"],
  properties: {
    model: { type: "string", minLength: 1, maxLength: 256 },
    // The upper limit is the model's own, and never above what a body can hold.
    prompt: { type: "string", minLength: 1 },
    n: { type: "integer", nullable: true, minimum: 1, maximum: limits.images },
    size: { type: "string", nullable: true, maxLength: 32 },
    quality: NAME,
    style: NAME,
    response_format: { type: "string", nullable: true, enum: ["url", "b64_json", null] },
    background: NAME,
    moderation: NAME,
    output_format: NAME,
    output_compression: { type: "integer", nullable: true, minimum: 0, maximum: 100 },
    stream: { type: "boolean", nullable: true },
    partial_images: { type: "integer", nullable: true, minimum: 0, maximum: 3 },
    user: OPAQUE_ID,
    safety_identifier: OPAQUE_ID,
  },
});

/** Fields of ours; all others are the card's business. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  Object.keys(generationSchema({ images: 10 }).properties),
);
