import { KIB } from "./byte-sizes";

/** Of the largest. A multiple of four, so that every piece of base64 stands for whole bytes. */
export const PIECE_BYTES = 64 * KIB;

/** Bytes that lie in memory as a stream, so that a slow reader is waited for. The pieces are views of them. */
export async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** The same for a text that ought to be ASCII, such as base64: all of it is never copied at once. What is not ASCII comes as bytes of 0x80 and more. */
export async function* textInPieces(text: string): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < text.length; at += PIECE_BYTES) yield Buffer.from(text.slice(at, at + PIECE_BYTES));
}
