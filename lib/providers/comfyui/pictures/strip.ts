import { stripJpeg } from "./strip-jpeg";
import { stripPng } from "./strip-png";
import { stripWebp } from "./strip-webp";

const ENOUGH = 12;

/** Takes the workflow and the prompt out of a picture, whatever kind its bytes say it is. */
export async function* withoutMetadata(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const pieces = source[Symbol.asyncIterator]();
  try {
    const seen: Uint8Array[] = [];
    let length = 0;
    while (length < ENOUGH) {
      const next = await pieces.next();
      if (next.done) break;
      seen.push(next.value);
      length += next.value.length;
    }
    const start = Buffer.concat(seen).toString("latin1", 0, ENOUGH);
    const whole = replayed(seen, pieces);
    if (start.startsWith("\x89PNG\r\n\x1a\n")) yield* stripPng(whole);
    else if (start.startsWith("RIFF") && start.endsWith("WEBP")) yield* stripWebp(whole);
    else if (start.startsWith("\xff\xd8")) yield* stripJpeg(whole);
    else yield* whole;
  } finally {
    await pieces.return?.();
  }
}

async function* replayed(
  seen: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield* seen;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
