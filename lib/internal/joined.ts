import { asBuffer } from "./as-buffer";

/** All pieces in one: mostly there is only one, which need not be copied then. */
export function joined(pieces: readonly Uint8Array[]): Buffer {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? asBuffer(only) : Buffer.concat(pieces);
}
