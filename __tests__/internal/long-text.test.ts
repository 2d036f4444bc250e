import { longText } from "../../lib/internal/long-text";

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, undefined> {
  for (const text of texts) yield Buffer.from(text);
}

it("tells the beginning before it is read, and gives all of it", async () => {
  const text = await longText(pieces("da", "ta:", "image/png;base64,", "AAAA"));
  expect(text.start).toBe("data:image/png;b");
  const all: Uint8Array[] = [];
  for await (const piece of text.pieces()) all.push(piece);
  expect(Buffer.concat(all).toString()).toBe("data:image/png;base64,AAAA");
});

it("gives a short text as a whole, and none beyond 16 KiB", async () => {
  expect(await (await longText(pieces("http://a/", "b"))).short()).toBe("http://a/b");
  expect(await (await longText(pieces("x".repeat(16_384)))).short()).toHaveLength(16_384);
  expect(await (await longText(pieces("x".repeat(16_384), "x"))).short()).toBeUndefined();
});

it("begins with nothing where there is nothing", async () => {
  expect((await longText(pieces())).start).toBe("");
});
