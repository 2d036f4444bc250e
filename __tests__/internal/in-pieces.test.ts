import { inPieces, PIECE_BYTES, textInPieces } from "../../lib/internal/in-pieces";

async function all(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return pieces;
}

const lengths = [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 7];

it.each(lengths)("%i bytes are all there, in views of at most 64 KiB", async (length) => {
  const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
  const pieces = await all(inPieces(bytes));
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  for (const piece of pieces) {
    expect(piece.buffer).toBe(bytes.buffer);
    expect(piece.length).toBeLessThanOrEqual(65_536);
  }
});

it.each(lengths)("a text of %i is all there, in whole quads of base64", async (length) => {
  const text = "abcdefg".repeat(length).slice(0, length);
  const pieces = await all(textInPieces(text));
  expect(Buffer.concat(pieces).toString("latin1")).toBe(text);
  for (const piece of pieces.slice(0, -1)) expect(piece.length % 4).toBe(0);
});

it("writes what is not ASCII as bytes that no ASCII text has", async () => {
  const [piece = new Uint8Array()] = await all(textInPieces("AŁ"));
  expect([...piece]).toEqual([0x41, 0xc5, 0x81]);
});
