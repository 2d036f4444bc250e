import { asBuffer } from "./as-buffer";
import type { Stage } from "./flow";
import { NOTHING } from "./nothing";

const MARK = Buffer.from("\ufeff");
/** Takes the byte order mark off the beginning of a text in UTF-8, as whoever decodes the whole of it does. */
export function withoutByteOrderMark(): Stage {
  let head: Buffer | undefined = NOTHING;
  return {
    piece(piece) {
      if (head === undefined) return piece;
      const bytes = asBuffer(piece);
      const begun: Buffer = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      if (begun.length < MARK.length && MARK.subarray(0, begun.length).equals(begun)) {
        // A copy: the source may use its piece again.
        head = Buffer.from(begun);
        return NOTHING;
      }
      head = undefined;
      return begun.subarray(0, MARK.length).equals(MARK) ? begun.subarray(MARK.length) : begun;
    },
    end: () => head,
  };
}
