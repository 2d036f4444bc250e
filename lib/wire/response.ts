import { defined } from "../internal/defined";
import type { JobImage, JobRecord, Usage, Warning } from "../ports";

export interface ImagesResponseItem {
  readonly url?: string;
  readonly b64_json?: string;
  readonly revised_prompt?: string;
}

export interface ImagesResponseUsage {
  readonly total_tokens?: number;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly input_tokens_details?: { readonly text_tokens?: number; readonly image_tokens?: number };
}

/** The answer of POST /images/generations; all but `created` and `data` only where known. */
export interface ImagesResponse {
  /** Seconds since 1970. */
  readonly created: number;
  readonly data: readonly ImagesResponseItem[];
  /** `WIDTHxHEIGHT` of the first picture's bytes. */
  readonly size?: string;
  /** `png`, `jpeg`, … of the first picture's bytes. */
  readonly output_format?: string;
  readonly quality?: string;
  readonly background?: string;
  readonly usage?: ImagesResponseUsage;
  readonly warnings?: readonly Warning[];
}

/**
 * The answer of a completed job.
 *
 * @param present gives the `url` or the `b64_json` of a picture, as the job's response format says
 */
export function toImagesResponse(job: JobRecord, present: (image: JobImage) => string): ImagesResponse {
  return {
    created: Math.floor((job.completedAt ?? job.createdAt) / 1000),
    data: job.images.map((image) =>
      defined({ [job.responseFormat]: present(image), revised_prompt: image.revisedPrompt }),
    ),
    ...factsOf(job),
  };
}

/** What an answer says of its pictures as a whole: all but `created` and `data`. */
export function factsOf(job: JobRecord): Omit<ImagesResponse, "created" | "data"> {
  const [first] = job.images;
  const { effective, usage, warnings } = job;
  return defined({
    size: first && `${first.width}x${first.height}`,
    output_format: first?.contentType.slice("image/".length),
    quality: effective?.quality,
    background: effective?.background,
    usage: usage && toWireUsage(usage),
    warnings: warnings.length === 0 ? undefined : warnings,
  });
}

function toWireUsage(usage: Usage): ImagesResponseUsage {
  const { totalTokens, inputTokens, outputTokens, inputTokensDetails } = usage;
  return defined({
    total_tokens: totalTokens,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    input_tokens_details:
      inputTokensDetails &&
      defined({ text_tokens: inputTokensDetails.textTokens, image_tokens: inputTokensDetails.imageTokens }),
  });
}
