import { MIB } from "../../../internal/byte-sizes";
import { defined } from "../../../internal/defined";
import { readEvents, type StreamedEvent } from "../../../internal/event-stream";
import { Flow } from "../../../internal/flow";
import { JsonSieve, type Sifted } from "../../../internal/json-sieve";
import { longText } from "../../../internal/long-text";
import type { ImageOut, Meta } from "../../../ports/provider";
import { type Asked, metaOf, seedOf } from "./meta";
import { saysError, unreadable } from "./withheld";

/** Everything in the events that is no picture, and everything between them. Comments once a second for an hour are a tenth of it. */
const MAX_REST_BYTES = MIB;

const PARTIAL = /^image_(?:generation|edit)\.partial_image$/;
/** How some servers end every stream. */
const DONE = "[DONE]";
const COMPLETED = /^image_(?:generation|edit)\.completed$/;

/** What one event says, as far as it has been read. */
interface Said {
  /** What it is called, by its name or, without one, by its `type`; empty as long as neither has been said. */
  type: string;
  /** It has told its number among the unfinished ones. */
  hasPartialIndex: boolean;
  hasPicture: boolean;
  /** All of it but the picture, once it has ended. */
  whole: unknown;
}

/**
 * Reads a stream of `image_generation.partial_image` and `….completed` events, each relayed as it comes, up to the last picture that was
 * asked for: some servers leave the connection open behind that.
 *
 * @param tell hears what the last event says besides its picture
 * @param failureOf what an event means that reports an error, by the text of its data
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
  let spareBytes = MAX_REST_BYTES;
  for await (const event of readEvents(body, { maxBytes: MAX_REST_BYTES, tooLong: unreadable })) {
    if (event.name === "error") throw failureOf(await textOf(event.data));
    if (event.name !== "" && !PARTIAL.test(event.name) && !COMPLETED.test(event.name)) continue;
    const text = await longText(event.data);
    if (text.start.trim() === DONE) break;
    // A sign of life: some servers write a word where others write a comment.
    if (event.name === "" && !text.start.trimStart().startsWith("{")) continue;
    const finds = new JsonSieve(text.pieces(), {
      strings: [["b64_json"]],
      values: [["type"], ["partial_image_index"]],
      maxBytes: spareBytes,
      explain: unreadable,
    });
    const said: Said = { type: event.name, hasPartialIndex: false, hasPicture: false, whole: undefined };
    let isFinished = false;
    for await (const found of finds) {
      if (found.kind === "value") {
        note(said, found);
        continue;
      }
      const kind = kindOf(said, partials < (asked.partials ?? 0));
      if (kind === "partial") {
        said.hasPicture = true;
        const data = { as: "base64", open: () => found.read() } as const;
        yield { data, partial: partials, index: count };
        partials += 1;
      } else if (kind === "finished") {
        said.hasPicture = true;
        isFinished = true;
        const open = () => (said.type === "" ? unlessPartial(found.read(), finds, said) : found.read());
        const data = { as: "base64", open } as const;
        yield defined({ data, seed: seedOf(asked, count) });
        count += 1;
        partials = 0;
      }
    }
    spareBytes -= finds.restBytes;
    if (said.type === "error" || (!said.hasPicture && saysError(said.whole))) {
      throw failureOf(JSON.stringify(said.whole));
    }
    if (isFinished || COMPLETED.test(said.type)) tell(metaOf(said.whole, asked, count));
    if (count === asked.n) break;
  }
  if (count === 0) throw unreadable();
}

function note(said: Said, { path, value }: Extract<Sifted, { readonly kind: "value" }>): void {
  if (path.length === 0) said.whole = value;
  else if (path[0] === "partial_image_index") said.hasPartialIndex = typeof value === "number";
  else if (said.type === "" && typeof value === "string") said.type = value;
}

/**
 * What the picture is that comes next in an event. Where neither a name nor an earlier `type` tells, since some servers write an event's
 * members in alphabetical order, it cannot be known while the picture passes, and a picture is not held. So it is taken for an unfinished one
 * as long as such were asked for and have not all come, and else for the finished one. An unfinished one is never handed out as
 * finished that way ({@link unlessPartial}); a finished one is lost only where fewer unfinished ones came than were asked for.
 */
function kindOf({ type, hasPartialIndex }: Said, arePartialsDue: boolean): "partial" | "finished" | "other" {
  if (PARTIAL.test(type)) return "partial";
  if (COMPLETED.test(type)) return "finished";
  if (type !== "") return "other";
  return hasPartialIndex || arePartialsDue ? "partial" : "finished";
}

/** A picture that was taken for a finished one, broken off at its end where its event says that it is none. */
const unlessPartial = (pieces: AsyncIterable<Uint8Array>, finds: AsyncIterator<Sifted>, said: Said): Flow =>
  Flow.from(pieces).through({
    async end() {
      for (let next = await finds.next(); !next.done; next = await finds.next()) {
        if (next.value.kind === "value") note(said, next.value);
      }
      if (PARTIAL.test(said.type) || (said.type === "" && said.hasPartialIndex)) throw unreadable();
      return undefined;
    },
  });

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
