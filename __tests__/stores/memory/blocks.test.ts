import { Blocks } from "../../../lib/stores/memory/blocks";
import { collect, pattern } from "../../../lib/testing/image-store/bench";

const calm = new AbortController().signal;

function fill(bytes: Uint8Array, chunkBytes: number): Blocks {
  const blocks = new Blocks();
  for (let at = 0; at < bytes.length; at += chunkBytes) blocks.append(bytes.subarray(at, at + chunkBytes));
  blocks.trim();
  return blocks;
}

describe("Blocks", () => {
  it.each([1, 1_000, 65_535, 65_536, 65_537, 200_000])(
    "gives back what came in chunks of %d",
    async (chunkBytes) => {
      const bytes = pattern(200_000);
      const blocks = fill(bytes, chunkBytes);
      for (const [start, end] of [
        [0, 199_999],
        [65_535, 65_536],
        [131_072, 199_999],
        [7, 7],
      ] as const) {
        const read = await collect(blocks.read({ start, end }, calm));
        expect(Buffer.from(read).equals(bytes.slice(start, end + 1))).toBe(true);
      }
    },
  );

  it("keeps nothing of the chunks it was given", async () => {
    const chunk = new Uint8Array([1, 2, 3]);
    const blocks = fill(chunk, 3);
    chunk.fill(0);
    expect([...(await collect(blocks.read({ start: 0, end: 2 }, calm)))]).toEqual([1, 2, 3]);
  });

  it("stops with the reason when the signal aborts", async () => {
    const controller = new AbortController();
    const body = fill(pattern(200_000), 1_000).read({ start: 0, end: 199_999 }, controller.signal);
    await body.next();
    controller.abort("left");
    await expect(body.next()).rejects.toBe("left");
  });
});
