import { deepEqual, equal, notEqual, ok } from "node:assert/strict";

import type { ImageProvider, UpstreamRef } from "../../ports";
import type { Bench, Declare } from "./bench";
import type { Call } from "./call";
import { stops } from "./stopping";
import type { ScriptedUpstream } from "./subject";

const REPORTS = ["stopped", "requested", "too_late", "unknown"];

/** Rule 13: work that outlives the process that began it. */
export function testHandles({ always, withUpstream }: Declare): void {
  always("13. the names of work are told, and survive being stored", async (bench) => {
    const call = bench.start();
    await bench.soon("all pictures of a call", call.outcome);
    if (needsNames(bench)) notEqual(call.refs.length, 0, "ctx.submitted was not called");
    for (const ref of call.refs) {
      equal(ref.provider, bench.provider.id);
      notEqual(ref.id, "");
      deepEqual(stored(ref), ref);
    }
  });

  always("13. what a card promises to resume can be resumed", async (bench) => {
    const isPromised = bench.cards.some(({ resume }) => resume === true);
    ok(!isPromised || bench.provider.resume, "a card says resume, and the provider has none");
  });

  withUpstream("13. another instance picks up the work", async (bench, upstream) => {
    if (bench.card.resume !== true) return;
    const { ref, other } = await underWay(bench, upstream);
    upstream.succeed();
    const call = bench.start({ by: other, resume: ref });
    const { pictures } = await bench.soon("all pictures of the work", call.outcome);
    notEqual(pictures.length, 0);
    const names = call.refs.map(({ id }) => id);
    ok(
      names.every((id) => id === ref.id),
      "work that is picked up is not begun again",
    );
  });

  withUpstream("13. an abort ends a call that picked up work", async (bench, upstream) => {
    if (bench.card.resume !== true) return;
    const { ref, other } = await underWay(bench, upstream);
    const { exchanges } = bench.wire;
    const before = exchanges.length;
    const call = bench.start({ by: other, resume: ref });
    await bench.until("a look at the work", () => exchanges.length > before + 1 || call.told.length > 0);
    call.abort();
    await stops(call);
  });

  withUpstream("13. another instance stops the work", async (bench, upstream) => {
    if (bench.provider.cancel === undefined) return;
    const { ref, other, call } = await underWay(bench, upstream);
    const report = await bench.soon("cancel", other.cancel?.(ref, bench.probe()));
    ok(REPORTS.includes(String(report)), `cancel reports ${report}`);
    if (bench.card.cancel?.running !== "yes") return;
    ok(report === "stopped" || report === "requested", `cancel reports ${report}`);
    await bench.failure(call);
  });

  withUpstream("13. to stop what nobody knows is no error", async (bench) => {
    if (bench.provider.cancel === undefined) return;
    const ref = { provider: bench.provider.id, id: "00000000-0000-4000-8000-000000000000" };
    const report = await bench.soon("cancel", bench.provider.cancel(ref, bench.probe()));
    ok(REPORTS.includes(report), `cancel reports ${report}`);
  });
}

const needsNames = ({ card, provider }: Bench): boolean =>
  card.resume === true || provider.cancel !== undefined;

const stored = (ref: UpstreamRef): UpstreamRef => JSON.parse(JSON.stringify(ref));

async function underWay(
  bench: Bench,
  upstream: ScriptedUpstream,
): Promise<{ ref: UpstreamRef; other: ImageProvider; call: Call }> {
  upstream.hang();
  const call = bench.start();
  await bench.until("the name of the work", () => call.refs.length > 0);
  const [ref] = call.refs;
  ok(ref);
  return { ref: stored(ref), other: await bench.another(), call };
}
