import { KIB } from "./byte-sizes";
import { Flow } from "./flow";
import { joined } from "./joined";
import { replay } from "./replay";
import { atHand, coming, END } from "./supply";

/** A long string that comes piece by piece, of which the beginning has been read. */
export interface LongText {
  /** Of ASCII; empty where there is nothing in it. */
  readonly start: string;
  /** All of it, once. */
  pieces(): Flow;
  /** All of it, as long as it is an address and no picture; `undefined` beyond 16 KiB. */
  short(): Promise<string | undefined>;
}

const MAX_SHORT = 16 * KIB;
const START = 16;

export async function longText(source: AsyncIterableIterator<Uint8Array>): Promise<LongText> {
  const read: Uint8Array[] = [];
  let length = 0;
  while (length < START) {
    const piece = atHand(source) ?? (await coming(source));
    if (piece === END) break;
    read.push(piece);
    length += piece.length;
  }

  const pieces = () => Flow.from(replay(read, source));

  return {
    start: joined(read).toString("latin1", 0, START),
    pieces,
    async short() {
      const whole: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of pieces()) {
        whole.push(piece);
        bytes += piece.length;
        if (bytes > MAX_SHORT) return undefined;
      }
      return Buffer.concat(whole).toString("latin1");
    },
  };
}
