import fc from "fast-check";

import { withoutByteOrderMark } from "../../lib/internal/byte-order-mark";
import { Flow } from "../../lib/internal/flow";

async function passed(pieces: readonly Uint8Array[]): Promise<Uint8Array[]> {
  async function* each() {
    yield* pieces;
  }
  const all: Uint8Array[] = [];
  for await (const piece of Flow.from(each()).through(withoutByteOrderMark())) all.push(piece);
  return all;
}

const MARK = [0xef, 0xbb, 0xbf];

it("takes one mark off the beginning, wherever the pieces end, and nothing else", async () => {
  const start = fc.constantFrom(
    [],
    MARK,
    MARK.slice(0, 1),
    MARK.slice(0, 2),
    [...MARK, ...MARK],
    [0xef, 0xbb, 0x41],
  );
  const places = fc.array(fc.nat(12), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 6 }), places, async (head, rest, cuts) => {
      const bytes = Buffer.from([...head, ...rest]);
      const edges = [
        0,
        ...cuts.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ];
      const pieces = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
      const hasMark = MARK.every((byte, at) => bytes[at] === byte);
      expect(Buffer.concat(await passed(pieces))).toEqual(hasMark ? bytes.subarray(3) : bytes);
    }),
    { numRuns: 500 },
  );
});

it("lets pieces through as they are", async () => {
  const pieces = [Buffer.from("{}"), Buffer.from([...MARK])];
  const [first, second] = await passed(pieces);
  expect(first).toEqual(pieces[0]);
  expect(first?.buffer).toBe(pieces[0]?.buffer);
  expect(second).toBe(pieces[1]);
});
