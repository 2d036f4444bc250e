/** What every kind of request may say, before any model is known; `null` stands for the default everywhere. */
export interface CommonBody {
  readonly model: string;
  readonly n?: number | null;
  readonly size?: string | null;
  readonly quality?: string | null;
  readonly response_format?: "url" | "b64_json" | null;
  readonly background?: string | null;
  readonly moderation?: string | null;
  readonly output_format?: string | null;
  readonly output_compression?: number | null;
  readonly stream?: boolean | null;
  readonly partial_images?: number | null;
  readonly user?: string | null;
  readonly safety_identifier?: string | null;
  readonly webhook?: string | null;
}

export interface SchemaLimits {
  /** Of one request. */
  readonly images: number;
  /** Callers may name an address that is told of the end. */
  readonly webhooks?: boolean;
}

/** A name out of a set that the model card knows; kept short so that an error can quote it. */
export const NAME = { type: "string", nullable: true, minLength: 1, maxLength: 64 } as const;
const OPAQUE_ID = { type: "string", nullable: true, maxLength: 512 } as const;

const WEBHOOK = { type: "string", nullable: true, minLength: 1, maxLength: 2048 } as const;

export const MODEL = { type: "string", minLength: 1, maxLength: 256 } as const;
/** The upper limit is the model's own, and never above what a body can hold. */
export const PROMPT = { type: "string", minLength: 1 } as const;

/** The optional fields that all routes have in common. Lengths count code points. */
export const commonFields = ({ images }: SchemaLimits) =>
  ({
    n: { type: "integer", nullable: true, minimum: 1, maximum: images },
    size: { type: "string", nullable: true, maxLength: 32 },
    quality: NAME,
    response_format: { type: "string", nullable: true, enum: ["url", "b64_json", null] },
    background: NAME,
    moderation: NAME,
    output_format: NAME,
    output_compression: { type: "integer", nullable: true, minimum: 0, maximum: 100 },
    stream: { type: "boolean", nullable: true },
    partial_images: { type: "integer", nullable: true, minimum: 0, maximum: 3 },
    user: OPAQUE_ID,
    safety_identifier: OPAQUE_ID,
    webhook: WEBHOOK,
  }) as const;
