import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { createHash } from "node:crypto";

import type { Declare } from "./bench";
import type { Delivery } from "./delivery";

const ANN = "a lighthouse in a storm";
const BOB = "a bowl of seven lemons";

/** Rules 5 and 6: calls at the same time, and one after the other, keep to themselves. */
export function testNeighbours({ always, withUpstream }: Declare): void {
  always("5. calls at the same time get pictures of their own", async (bench) => {
    const wanted = [
      { prompt: ANN, n: bench.most },
      { prompt: BOB, n: 1 },
      { prompt: ANN, n: 1 },
      { prompt: BOB, n: 1 },
    ];
    const alone: Delivery[] = [];
    for (const fields of wanted) alone.push(await bench.deliver({ fields }));
    const together = await Promise.all(wanted.map((fields) => bench.deliver({ fields })));
    deepEqual(together.map(countOf), alone.map(countOf));
    const [, bob = "", ann = "", again = ""] = alone.map(digestOf);
    // Where chance draws there is nothing to compare.
    if (bob !== again || bob === ann) return;
    deepEqual(together.map(digestOf), alone.map(digestOf));
  });

  withUpstream("5. pictures follow from the prompt of their call", async (bench) => {
    const [first, again, other] = [
      await bench.deliver({ fields: { prompt: ANN } }),
      await bench.deliver({ fields: { prompt: ANN } }),
      await bench.deliver({ fields: { prompt: BOB } }),
    ].map(digestOf);
    equal(first, again, "one prompt has one picture; if not, the scripted upstream must see to it");
    notEqual(first, other, "two prompts have two pictures; if not, the scripted upstream must see to it");
  });

  always("5. calls at the same time report to their own", async (bench) => {
    const alone = bench.start();
    await bench.soon("all pictures of a call", alone.outcome);
    const calls = [bench.start(), bench.start(), bench.start()];
    await bench.soon("all pictures of three calls", Promise.all(calls.map(({ outcome }) => outcome)));
    const isTold = calls.map(({ told }) => told.length > 0);
    deepEqual(
      isTold,
      calls.map(() => alone.told.length > 0),
    );
    const refs = calls.flatMap((call) => call.refs.map(({ id }) => id));
    equal(new Set(refs).size, refs.length, "each call has work of its own");
  });

  always("5. the abort of one call leaves another alone", async (bench) => {
    const [first, second] = [bench.start(), bench.start()];
    first.abort();
    await bench.soon(
      "the end of an aborted call",
      first.outcome.catch(() => {}),
    );
    const { pictures } = await bench.soon("all pictures of the other call", second.outcome);
    notEqual(pictures.length, 0);
  });

  always("6. bytes that were handed out stay as they are", async (bench) => {
    const previews: { readonly handed: Uint8Array; readonly copy: Uint8Array }[] = [];
    const { pictures } = await bench.deliver({
      fields: { prompt: ANN, n: bench.most },
      wantsPreviews: () => true,
      onReport: ({ preview }) => {
        if (preview) previews.push({ handed: preview.bytes, copy: Uint8Array.from(preview.bytes) });
      },
    });
    await bench.deliver({ fields: { prompt: BOB }, wantsPreviews: () => true });
    for (const { handed, copy } of previews) ok(isSame(handed, copy), "a preview was touched again");
    for (const { pieces, copies } of pictures) {
      for (const [at, piece] of pieces.entries()) {
        ok(isSame(piece, copies[at] ?? piece), "a piece of a picture was touched again");
      }
    }
  });
}

const countOf = ({ pictures }: Delivery): number => pictures.length;

const digestOf = ({ pictures }: Delivery): string => {
  const hash = createHash("sha256");
  for (const { bytes } of pictures) hash.update(`${bytes.length}:`).update(bytes);
  return hash.digest("hex");
};

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.from(one).equals(other);
