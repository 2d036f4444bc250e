import type { TextPart } from "./image-json";

/** Writes what comes next; what it answers with is waited for. */
export type Write = (part: TextPart) => Promise<void> | undefined;

/** A picture that is written while it still comes. */
export interface WrittenPicture {
  /** Plain padded base64. */
  readonly base64: AsyncIterable<Uint8Array>;
  /** Asked for when the base64 has been written. */
  revisedPrompt(): string | undefined;
}

/** What an `ImagesResponse` consists of, as it comes. */
export interface PassingResponse {
  /** Seconds since 1970. */
  readonly created: number;
  /** The next picture; `undefined` when there are no more. */
  next(): Promise<WrittenPicture | undefined>;
  /** What stands behind `data`; asked for when all pictures are written. */
  facts(): Promise<object>;
}

/**
 * Writes the text of an `ImagesResponse` in base64 as its pictures come. Nothing is written before the first one is there.
 *
 * @throws what its parts throw, and `write`
 */
export async function writePassingJson(
  { created, next, facts }: PassingResponse,
  write: Write,
): Promise<void> {
  let before = `{"created":${created},"data":[`;
  for (let picture = await next(); picture !== undefined; picture = await next()) {
    await write(`${before}{"b64_json":"`);
    await write(picture.base64);
    const revised = picture.revisedPrompt();
    before = revised === undefined ? '"},' : `","revised_prompt":${JSON.stringify(revised)}},`;
  }
  const rest = JSON.stringify(await facts()).slice(1);
  await write(`${before.replace(/,$/, "")}]${rest === "}" ? "" : ","}${rest}`);
}
