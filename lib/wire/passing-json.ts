import type { TextPart } from "./image-json";

/** A picture that is written while it still comes. */
export interface WrittenPicture {
  /** Plain padded base64. */
  readonly base64: AsyncIterable<Uint8Array>;
  /** Asked for when the base64 has been written. */
  revisedPrompt(): string | undefined;
}

/**
 * The text of an `ImagesResponse` in base64, written as its pictures come. Nothing is written before the first one is there.
 *
 * @param created seconds since 1970
 * @param facts what stands behind `data`; asked for when all pictures are written
 */
export async function* passingJson(
  created: number,
  pictures: AsyncIterable<WrittenPicture>,
  facts: () => Promise<object>,
): AsyncGenerator<TextPart> {
  let before = `{"created":${created},"data":[`;
  for await (const { base64, revisedPrompt } of pictures) {
    yield `${before}{"b64_json":"`;
    yield base64;
    const revised = revisedPrompt();
    before = revised === undefined ? '"},' : `","revised_prompt":${JSON.stringify(revised)}},`;
  }
  const rest = JSON.stringify(await facts()).slice(1);
  yield `${before.replace(/,$/, "")}]${rest === "}" ? "" : ","}${rest}`;
}
