import { deepEqual, equal, notEqual, ok } from "node:assert/strict";

import { readImageHead } from "../../internal/image-head";
import type { Phase, Progress } from "../../ports";
import type { Bench, Declare } from "./bench";

const PHASES: readonly Phase[] = ["queued", "loading", "sampling", "decoding", "saving"];

/** Rule 4: what is told of a call, and when. */
export function testReports({ always }: Declare): void {
  always("4. every report is in range", async (bench) => {
    const told = await reportsOf(bench, { n: bench.most });
    for (const report of told) {
      ok(PHASES.includes(report.phase), `phase ${report.phase}`);
      inRange(report, "fraction", 0, 1);
      inRange(report, "step", 0, report.steps ?? Number.MAX_SAFE_INTEGER);
      inRange(report, "steps", 1, Number.MAX_SAFE_INTEGER);
      inRange(report, "queuePosition", 0, Number.MAX_SAFE_INTEGER);
      inRange(report, "etaMs", 0, Number.MAX_SAFE_INTEGER);
      inRange(report, "image", 0, bench.most - 1);
      inRange(report.preview ?? {}, "index", 0, bench.most - 1);
    }
  });

  always("4. a call reports as its card promises", async (bench) => {
    const { progress } = bench.card;
    const told = await reportsOf(bench);
    const counted = told.filter(({ fraction, step }) => fraction !== undefined || step !== undefined);
    if (progress === "status") ok(told.length > 0, "something is told");
    if (progress === "steps") ok(counted.length > 1, "steps or fractions are told");
    if (progress === false) deepEqual(counted, []);
  });

  always("4. nothing is told of a call once its images are read", async (bench) => {
    const call = bench.start();
    await bench.soon("all pictures of a call", call.outcome);
    await staysSilent(bench, call.told);
  });

  always("4. nothing is told of a call once it was aborted", async (bench) => {
    const stop = new AbortController();
    const call = bench.start({ signal: stop.signal, onReport: () => stop.abort() });
    await bench.soon(
      "the end of the call",
      call.outcome.catch(() => {}),
    );
    await staysSilent(bench, call.told);
  });

  always("4. nobody who looks, no preview", async (bench) => {
    const told = await reportsOf(bench, { n: bench.most, partialImages: 2 });
    equal(previewsIn(told).length, 0);
  });

  always("4. who looks sees previews, where the card promises them", async (bench) => {
    const { previews } = bench.card;
    const call = bench.start({ fields: { partialImages: 2 }, wantsPreviews: () => true });
    await bench.soon("all pictures of a call", call.outcome);
    const seen = previewsIn(call.told);
    if (previews === true) notEqual(seen.length, 0);
    if (previews === false) equal(seen.length, 0);
    for (const preview of seen) ok(readImageHead(preview.bytes), "a preview is a picture");
  });

  always("4. who begins to look during the call sees previews too", async (bench) => {
    if (bench.card.previews !== true) return;
    let isLooking = false;
    const call = bench.start({
      fields: { partialImages: 2 },
      wantsPreviews: () => isLooking,
      onReport: () => {
        isLooking = true;
      },
    });
    await bench.soon("all pictures of a call", call.outcome);
    notEqual(previewsIn(call.told).length, 0);
  });
}

async function reportsOf(bench: Bench, fields = {}): Promise<readonly Progress[]> {
  const call = bench.start({ fields });
  await bench.soon("all pictures of a call", call.outcome);
  return call.told;
}

const previewsIn = (told: readonly Progress[]) =>
  told.flatMap(({ preview }) => (preview === undefined ? [] : [preview]));

function inRange(numbers: object, name: string, least: number, most: number): void {
  const value: unknown = Reflect.get(numbers, name);
  if (value === undefined) return;
  ok(typeof value === "number" && value >= least && value <= most, `${name} is ${value}`);
  if (name !== "fraction" && name !== "etaMs") ok(Number.isInteger(value), `${name} is ${value}`);
}

/** What was to be told late has been told when another call has come to its end. */
async function staysSilent(bench: Bench, told: readonly Progress[]): Promise<void> {
  const before = told.length;
  await bench.deliver();
  await new Promise(setImmediate);
  equal(told.length, before);
}
