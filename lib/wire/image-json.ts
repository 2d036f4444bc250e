import { randomUUID } from "node:crypto";

import { encodeBase64, encodedLength } from "../internal/base64";

/** A picture to be written as base64 into a JSON text. */
export interface EmbeddedImage {
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/** A piece of a JSON text, or base64 in it that comes in pieces. */
export type TextPart = string | AsyncIterable<Uint8Array>;

export interface JsonText {
  /** Bytes of the whole text. */
  readonly length: number;
  /** Each picture is opened when its turn comes. */
  readonly parts: Iterable<TextPart>;
}

/**
 * JSON of a value in which some strings stand for pictures, written without ever holding one: `build` places a picture by
 * calling `embed`, and its base64 flows into the text where the returned string stood.
 */
export function imageJson(build: (embed: (image: EmbeddedImage) => string) => unknown): JsonText {
  const mark = randomUUID();
  const images: EmbeddedImage[] = [];
  const value = build((image) => {
    images.push(image);
    return mark;
  });
  const texts = JSON.stringify(value).split(mark);
  const length =
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
    images.reduce((sum, image) => sum + encodedLength(image.bytes), 0);
  return { length, parts: interleave(texts, images) };
}

function* interleave(texts: readonly string[], images: readonly EmbeddedImage[]): Generator<TextPart> {
  for (const [index, text] of texts.entries()) {
    yield text;
    const image = images[index];
    if (image !== undefined) yield encodeBase64(image.open());
  }
}
