/** What pictures can be made of others: the formats that OpenAI's `output_format` knows. */
export type ConvertedFormat = "png" | "jpeg" | "webp";

/** What a picture is to be made, where it is something else. */
export interface Conversion {
  readonly format: ConvertedFormat;
  /** Quality in percent, 0–100, as `output_compression` means it; never with `png`. Absent: the converter's choice. */
  readonly compression?: number;
}

/**
 * Makes pictures of one format out of pictures of another, for models that cannot.
 *
 * It is called for few pictures at a time, each known by its first bytes as a PNG, JPEG, WebP, GIF or AVIF of bounded size. What it rejects, or
 * makes wrong, costs nobody a picture: the one that the provider made is handed over instead.
 */
export interface ImageConverter {
  /** What it can make; empty: nothing, for want of something that is to be installed. Asked by requests that need it, so it should be quick. */
  formats(): readonly ConvertedFormat[];
  /**
   * Width and height stay. Of a moving picture the first frame counts; what shows through goes white in a format that knows no transparency.
   *
   * @param picture whole
   * @param signal nobody waits for it any more
   */
  convert(picture: Uint8Array, to: Conversion, signal: AbortSignal): Promise<Uint8Array>;
}
