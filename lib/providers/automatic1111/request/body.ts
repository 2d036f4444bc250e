import { encodeBase64 } from "../../../internal/base64";
import type { InputImage } from "../../../ports/task";

/** What is worked on. */
export interface Pictures {
  readonly image: InputImage;
  readonly mask?: InputImage;
}

/** A request's body; pictures are put into it as they are read. */
export function bodyOf(
  fields: Readonly<Record<string, unknown>>,
  pictures: Pictures | undefined,
): string | AsyncIterable<Uint8Array> {
  const json = JSON.stringify(fields);
  return pictures === undefined ? json : withPictures(json, pictures);
}

async function* withPictures(json: string, { image, mask }: Pictures): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(`${json.slice(0, -1)},"init_images":["`);
  yield* encodeBase64(image.open());
  yield Buffer.from('"]');
  if (mask !== undefined) {
    yield Buffer.from(',"mask":"');
    yield* encodeBase64(mask.open());
    yield Buffer.from('"');
  }
  yield Buffer.from("}");
}
