import { isDataUrl } from "../../../internal/base64";
import { MIB } from "../../../internal/byte-sizes";
import { defined } from "../../../internal/defined";
import type { Flow } from "../../../internal/flow";
import { textMember } from "../../../internal/json-shape";
import { JsonSieve, type Sifted } from "../../../internal/json-sieve";
import { lateMember } from "../../../internal/late-member";
import { longText } from "../../../internal/long-text";
import { coming, END, leave } from "../../../internal/supply";
import type { ImageOut, Meta } from "../../../ports/provider";
import { type Asked, metaOf, seedOf } from "./meta";
import { isWithheld, saysError, unreadable, withheld } from "./withheld";

/** Everything in an answer that is no picture. */
const MAX_REST_BYTES = MIB;

/** What is known of one item of `data`, as far as it has been read. */
interface Item {
  isClosed: boolean;
  hasPicture: boolean;
  address: string | undefined;
  revisedPrompt: string | undefined;
  isWithheld: boolean;
}

const newItem = (): Item => ({
  isClosed: false,
  hasPicture: false,
  address: undefined,
  revisedPrompt: undefined,
  isWithheld: false,
});

function close(item: Item, value: unknown): void {
  item.isClosed = true;
  item.revisedPrompt = textMember(value, "revised_prompt");
  item.isWithheld = isWithheld(value);
}

/**
 * Reads `{created, data: [{b64_json | url, revised_prompt?}], …}` as it comes. Base64 wins over a URL where it comes first or alone: it
 * needs no second request. Some servers put a data URL into either.
 * More than were asked for are passed over.
 *
 * @param tell hears what the answer says besides, at its end
 * @param failureOf what an answer means that has an error instead of pictures, by its text
 * @throws ProviderError `content_policy` when all pictures were withheld, `protocol` when there are none for another reason; what `failureOf`
 * gives; what the body throws
 * @see https://platform.openai.com/docs/api-reference/images/object
 */
export async function* readPictures(
  body: AsyncIterable<Uint8Array>,
  asked: Asked,
  tell: (meta: Meta) => void,
  failureOf: (text: string) => Error,
): AsyncGenerator<ImageOut> {
  const finds = new JsonSieve(body, {
    strings: [
      ["data", null, "b64_json"],
      ["data", null, "url"],
    ],
    values: [["data", null]],
    maxBytes: MAX_REST_BYTES,
    explain: unreadable,
  });
  let count = 0;
  let item = newItem();
  let isAnyWithheld = false;
  try {
    for (;;) {
      const found = finds.atHand() ?? (await coming(finds));
      if (found === END) return;
      if (found.kind === "string") {
        if (item.isClosed) item = newItem();
        if (item.hasPicture || count === asked.n) continue;
        const text = await longText(found.read());
        if (text.start === "") continue;
        if (found.path[2] === "url" && !isDataUrl(text.start)) {
          item.address = await text.short();
          continue;
        }
        item.hasPicture = true;
        yield new PassingPicture(throughItem(text.pieces(), finds, item), item, seedOf(asked, count));
        count += 1;
      } else if (found.path.length === 2) {
        if (item.isClosed) item = newItem();
        close(item, found.value);
        isAnyWithheld ||= item.isWithheld;
        const isWanted = !item.hasPicture && !item.isWithheld && count < asked.n;
        if (!isWanted || item.address === undefined) continue;
        const { address: url, revisedPrompt } = item;
        yield defined({ data: { as: "url", url }, revisedPrompt, seed: seedOf(asked, count) });
        count += 1;
      } else {
        if (count === 0) {
          if (isAnyWithheld || isWithheld(found.value)) throw withheld();
          throw saysError(found.value) ? failureOf(JSON.stringify(found.value)) : unreadable();
        }
        tell(metaOf(found.value, asked, count));
      }
    }
  } finally {
    await leave(finds);
  }
}

const defineRevisedPrompt = lateMember("revisedPrompt");

/** It may be known only when the picture has been read. */
class PassingPicture implements ImageOut {
  readonly data: ImageOut["data"];
  readonly seed?: number;
  declare readonly revisedPrompt: string | undefined;

  constructor(pieces: AsyncIterable<Uint8Array>, item: Item, seed: number | undefined) {
    this.data = { as: "base64", open: () => pieces };
    if (seed !== undefined) this.seed = seed;
    defineRevisedPrompt(this, () => item.revisedPrompt);
  }
}

/** The picture, and then on to the end of its item, where its revised prompt may stand. */
const throughItem = (pieces: Flow, finds: JsonSieve, item: Item): Flow =>
  pieces.through({ end: () => readOn(finds, item) });

function readOn(finds: JsonSieve, item: Item): Promise<undefined> | undefined {
  while (!item.isClosed) {
    const found = finds.atHand();
    if (found === undefined) return waitOn(finds, item);
    note(found, item);
  }
  // A moderator that speaks behind the picture cannot take it back, only break it off.
  if (item.isWithheld) throw withheld();
  return undefined;
}

async function waitOn(finds: JsonSieve, item: Item): Promise<undefined> {
  note(await coming(finds), item);
  return readOn(finds, item);
}

function note(found: Sifted | typeof END, item: Item): void {
  // A whole answer has ended each item: this one has been left.
  if (found === END) throw unreadable();
  if (found.kind === "value") close(item, found.value);
}
