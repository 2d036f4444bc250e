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
    data: job.images.map((image) => ({
      [job.responseFormat]: present(image),
      ...(image.revisedPrompt === undefined ? {} : { revised_prompt: image.revisedPrompt }),
    })),
    ...factsOf(job),
  };
}

/** What an answer says of its pictures as a whole: all but `created` and `data`. */
export function factsOf(job: JobRecord): Omit<ImagesResponse, "created" | "data"> {
  const [first] = job.images;
  const { effective, usage, warnings } = job;
  return {
    ...(first === undefined
      ? {}
      : { size: `${first.width}x${first.height}`, output_format: first.contentType.slice("image/".length) }),
    ...(effective?.quality === undefined ? {} : { quality: effective.quality }),
    ...(effective?.background === undefined ? {} : { background: effective.background }),
    ...(usage === undefined ? {} : { usage: toWireUsage(usage) }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function toWireUsage(usage: Usage): ImagesResponseUsage {
  const { totalTokens, inputTokens, outputTokens, inputTokensDetails } = usage;
  return {
    ...(totalTokens === undefined ? {} : { total_tokens: totalTokens }),
    ...(inputTokens === undefined ? {} : { input_tokens: inputTokens }),
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
    ...(inputTokensDetails === undefined
      ? {}
      : {
          input_tokens_details: {
            ...(inputTokensDetails.textTokens === undefined
              ? {}
              : { text_tokens: inputTokensDetails.textTokens }),
            ...(inputTokensDetails.imageTokens === undefined
              ? {}
              : { image_tokens: inputTokensDetails.imageTokens }),
          },
        }),
  };
}
