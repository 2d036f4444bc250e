import { deepEqual, ok } from "node:assert/strict";

import type { Op } from "../../ports";
import { ProviderError } from "../../ports";
import { opsOf } from "./asked";
import type { Bench, Declare } from "./bench";
import { type WatchedImage, watchedImage } from "./watched-image";

/** The most pictures that one call begins with. */
const MOST = 3;

/** Rule 14, and 2 as far as it is about them: the pictures that an edit or a variation begins with. */
export function testInputs({ always, withUpstream }: Declare): void {
  always("14. the pictures of a task are read to their end, as often as the task is run", async (bench) => {
    await forEachOp(bench, async (op) => {
      const given = picturesFor(bench, op);
      for (const run of [1, 2]) {
        await bench.deliver({ op, ...given });
        for (const { name, wholeReads } of all(given))
          ok(wholeReads() >= run, `${name} was not read in run ${run}`);
      }
    });
  });

  always("14. no picture of a task is left open, not by an abort either", async (bench) => {
    await forEachOp(bench, async (op) => {
      const given = picturesFor(bench, op);
      await bench.deliver({ op, ...given });
      await bench.until("the end of every picture", () => !isAnyOpen(given));

      const stopped = picturesFor(bench, op);
      const call = bench.start({ op, ...stopped });
      let isOver = false;
      const end = () => {
        isOver = true;
      };
      const ended = call.outcome.then(end, end);
      await bench.until("a look at a picture", () => isOver || isAnyOpen(stopped));
      call.abort();
      await bench.soon("the end of an aborted call", ended);
      await bench.until("the end of every picture", () => !isAnyOpen(stopped));
    });
  });

  withUpstream("14. the pictures of a task reach the upstream whole", async (bench) => {
    await forEachOp(bench, async (op) => {
      const given = picturesFor(bench, op);
      const before = bench.wire.exchanges.length;
      await bench.deliver({ op, ...given });
      const sent = bench.wire.exchanges.slice(before).map((exchange) => exchange.sent());
      // Who sends nothing here has another way of its own.
      if (sent.every((body) => body === "")) return;
      const lost = all(given).filter(({ bytes }) => !sent.some((body) => holds(body, bytes)));
      deepEqual(
        lost.map(({ name }) => name),
        [],
      );
    });
  });

  withUpstream("14. nothing is sent for a prompt that is not there", async (bench) => {
    if (!opsOf(bench.card).includes("variation")) return;
    const before = bench.wire.exchanges.length;
    await bench.deliver({ op: "variation", ...picturesFor(bench, "variation") });
    for (const exchange of bench.wire.exchanges.slice(before)) {
      ok(!exchange.sent().includes("undefined"), "the prompt was sent as 'undefined'");
    }
  });

  always("2. a picture that cannot be read is a ProviderError", async (bench) => {
    await forEachOp(bench, async (op) => {
      const { outcome } = bench.start({ op, images: [watchedImage("broken", { breaksOff: true })] });
      const failure = await bench.soon(
        "the end of a call",
        outcome.then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      // Who has not read it that far has nothing to fail for.
      ok(failure === undefined || ProviderError.is(failure), "the call failed with no ProviderError");
    });
  });
}

async function forEachOp({ card }: Bench, test: (op: Op) => Promise<void>): Promise<void> {
  for (const op of opsOf(card)) if (op !== "generate") await test(op);
}

interface Given {
  readonly images: readonly WatchedImage[];
  readonly mask?: WatchedImage;
}

function picturesFor({ card }: Bench, op: Op): Given {
  const count = op === "edit" ? Math.min(card.limits?.inputImages ?? 1, MOST) : 1;
  const images = Array.from({ length: count }, (_, at) => watchedImage(`picture-${at + 1}`));
  const takesMask = op === "edit" && card.params?.mask !== false;
  return { images, ...(takesMask && { mask: watchedImage("mask") }) };
}

const all = ({ images, mask }: Given): readonly WatchedImage[] => [...images, ...(mask ? [mask] : [])];

const isAnyOpen = (given: Given): boolean => all(given).some(({ isOpen }) => isOpen());

/** As they are, or as base64. */
const holds = (body: string, bytes: Buffer): boolean =>
  body.includes(bytes.toString("latin1")) || body.includes(bytes.toString("base64"));
