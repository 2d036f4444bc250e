import { equal, ok } from "node:assert/strict";

import { readImageHead } from "../../internal/image-head";
import { opsOf } from "./asked";
import type { Declare } from "./bench";

/** Rule 1: how many pictures, of how many calls. */
export function testAmounts({ always, withUpstream }: Declare): void {
  always("1. a call delivers as many pictures as its task asks for", async (bench) => {
    for (const n of [1, bench.most]) {
      const { pictures } = await bench.deliver({ fields: { n } });
      equal(pictures.length, n);
    }
  });

  always("1. whatever its card offers to do ends in pictures", async (bench) => {
    for (const op of opsOf(bench.card)) {
      const { pictures } = await bench.deliver({ op });
      for (const { bytes } of pictures) ok(readImageHead(bytes), `what ${op} gives is a picture`);
    }
  });

  withUpstream("1. fewer pictures than asked for come with a warning", async (bench, upstream) => {
    const n = bench.most;
    // Of one picture there are no fewer but none.
    if (n === 1) return;
    upstream.succeed({ images: n - 1 });
    const { pictures, meta } = await bench.deliver({ fields: { n } });
    equal(pictures.length, n - 1);
    ok(
      meta.warnings?.some(({ message }) => message !== ""),
      "there is a warning",
    );
  });

  withUpstream("1. more pictures than asked for are not handed on", async (bench, upstream) => {
    upstream.succeed({ images: bench.most + 1 });
    const { pictures } = await bench.deliver({ fields: { n: bench.most } });
    equal(pictures.length, bench.most);
  });

  withUpstream("1. no picture at all is a failure", async (bench, upstream) => {
    upstream.succeed({ images: 0 });
    await bench.failure(bench.start());
  });

  withUpstream("1. one run is one call of the upstream", async (bench, upstream) => {
    await bench.deliver({ fields: { n: bench.most } });
    equal(upstream.calls(), 1);
    await bench.deliver();
    equal(upstream.calls(), 2);
  });

  withUpstream("1. a call that fails is not made again", async (bench, { failures, calls }) => {
    let failed = 0;
    for (const fail of [failures.overloaded, failures.rate_limit, failures.crash]) {
      if (fail === undefined) continue;
      fail();
      await bench.failure(bench.start());
      failed += 1;
      equal(calls(), failed);
    }
  });
}
