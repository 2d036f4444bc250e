import { asBuffer } from "../../internal/as-buffer";
import { MIB } from "../../internal/byte-sizes";
import { readImageHead } from "../../internal/image-head";
import { textInPieces } from "../../internal/in-pieces";
import type { Preview } from "../../ports";
import type { Handover } from "./handover";

/** Larger ones are dropped: they are held whole. */
const MAX_BYTES = 4 * MIB;

/** Unfinished versions for a caller that streams, made from the previews of a provider that knows no others. */
export interface PartialPictures {
  /** Does the caller still want one of any picture? */
  areWanted(): boolean;
  /** @param fraction of the picture's call, 0 … 1 */
  offer(place: number, fraction: number, preview: Preview): void;
}

/**
 * Chooses among the previews, so that what the caller has asked for is spread over the run: of two the first at a third of it, the
 * second at two thirds. Fewer previews give fewer.
 *
 * @param wanted versions of each picture
 */
export function pickPartials(handover: Handover, wanted: number, pictures: number): PartialPictures {
  const given = new Map<number, number>();
  let left = wanted * pictures;

  return {
    areWanted: () => left > 0 && handover.isOpen(),
    offer(place, fraction, { bytes }) {
      const number = given.get(place) ?? 0;
      if (number === wanted || fraction < (number + 1) / (wanted + 1)) return;
      const head = bytes.length > MAX_BYTES ? undefined : readImageHead(bytes);
      if (head === undefined) return;
      given.set(place, number + 1);
      left -= 1;
      const base64 = textInPieces(asBuffer(bytes).toString("base64"));
      // The run does not wait for a caller that reads slowly, and is not disturbed by one that leaves.
      handover
        .pass({ ...head, place, partial: number, base64, revisedPrompt: () => undefined })
        .catch(() => false);
    },
  };
}
