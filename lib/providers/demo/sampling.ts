import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

import type { RunContext } from "../../ports";
import { orCancelled } from "./cancelled";
import type { Work } from "./work";

/** Goes through the steps as a sampler does, all images of a call side by side, telling of each. */
export async function sample(
  works: readonly Work[],
  { steps, stepMs }: { readonly steps: number; readonly stepMs: number },
  ctx: RunContext,
): Promise<void> {
  ctx.progress({ phase: "loading", fraction: 0, steps });
  for (let step = 1; step <= steps; step++) {
    const previews = works.map((work) => (ctx.wantsPreviews ? work.preview(step / steps) : undefined));
    const [, ...seen] = await orCancelled(
      ctx.signal,
      Promise.all([stepTime(stepMs, ctx.signal), ...previews]),
    );
    for (const [image, bytes] of seen.entries()) {
      ctx.progress({
        phase: "sampling",
        fraction: ((step - 1) * works.length + image + 1) / (steps * works.length),
        step,
        steps,
        image,
        ...(bytes && ctx.wantsPreviews ? { preview: { type: "image/jpeg", bytes, index: image } } : {}),
      });
    }
  }
  for (const work of works) work.endPreviews();
  ctx.progress({ phase: "decoding", fraction: 1, step: steps, steps });
}

async function stepTime(ms: number, signal: AbortSignal): Promise<void> {
  // Even without waiting a step gives way, so that an abort is heard between any two.
  if (ms === 0) await nextTurn(undefined, { signal });
  else await pause(ms, undefined, { signal });
}
