import { defined } from "../../../internal/defined";
import { readEvents, type StreamedEvent } from "../../../internal/event-stream";
import { JsonSieve } from "../../../internal/json-sieve";
import { longText } from "../../../internal/long-text";
import type { ImageOut, Meta } from "../../../ports/provider";
import { type Asked, metaOf, seedOf } from "./meta";
import { unreadable } from "./withheld";

/** Everything in an event that is no picture, and everything between the events. Comments once a second for an hour are a tenth of it. */
const MAX_REST_BYTES = 2 ** 20;

const PARTIAL = /^image_(?:generation|edit)\.partial_image$/;
/** How some servers end every stream. */
const DONE = "[DONE]";
const COMPLETED = /^image_(?:generation|edit)\.completed$/;

/**
 * Reads a stream of `image_generation.partial_image` and `….completed` events, each relayed as it comes.
 *
 * @param tell hears what the last event says besides its picture
 * @param failureOf what an `error` event means, by the text of its data
 * @throws ProviderError `protocol` when no finished picture comes; what `failureOf` gives; what the body throws
 * @see https://platform.openai.com/docs/api-reference/images-streaming
 */
export async function* readPictureEvents(
  body: AsyncIterable<Uint8Array>,
  asked: Asked,
  tell: (meta: Meta) => void,
  failureOf: (text: string) => Error,
): AsyncGenerator<ImageOut> {
  let count = 0;
  let partials = 0;
  for await (const event of readEvents(body, { maxBytes: MAX_REST_BYTES, tooLong: unreadable })) {
    if (event.name === "error") throw failureOf(await textOf(event.data));
    if (event.name !== "" && !PARTIAL.test(event.name) && !COMPLETED.test(event.name)) continue;
    const text = await longText(event.data);
    if (text.start === DONE) break;
    const finds = new JsonSieve(text.pieces(), {
      strings: [["b64_json"]],
      values: [["type"]],
      maxBytes: MAX_REST_BYTES,
      explain: unreadable,
    });
    let type = event.name;
    for await (const found of finds) {
      if (found.kind === "value" && found.path.length === 0) {
        if (type === "error") throw failureOf(JSON.stringify(found.value));
        if (COMPLETED.test(type)) tell(metaOf(found.value, asked, count));
      } else if (found.kind === "value") {
        type ||= String(found.value);
      } else if (PARTIAL.test(type)) {
        const data = { as: "base64", open: () => found.read() } as const;
        yield { data, partial: partials, index: count };
        partials += 1;
      } else if (COMPLETED.test(type) && count < asked.n) {
        yield defined({ data: { as: "base64", open: () => found.read() }, seed: seedOf(asked, count) });
        count += 1;
        partials = 0;
      }
    }
  }
  if (count === 0) throw unreadable();
}

async function textOf(data: StreamedEvent["data"]): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of data) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_REST_BYTES) break;
  }
  return Buffer.concat(pieces).toString();
}
