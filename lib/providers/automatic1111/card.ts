import type { ModelCard } from "../../ports/model-card";
import type { Model } from "./models";
import { offeredFields } from "./request/fields";
import { isWebUI } from "./server/abilities";
import type { Inspection } from "./server/inspection";

/**
 * One picture a call: the memory of the server then does not depend on what a caller asks, each picture has its own preview and keeps
 * within the time limits, and others get their turn between two. An operator with memory to spare may raise it.
 */
const BATCH = 1;
const SIZES = { kind: "grid", step: 8, min: 64, max: 2048, auto: true } as const;

/**
 * What is said of a model. While the server has not told what it can do, that is left out.
 *
 * @param inspection `undefined` when the server cannot be asked
 */
export function cardOf({ id, card }: Model, inspection: Inspection | undefined): ModelCard {
  return {
    ...(inspection && known(inspection)),
    resume: false,
    idempotent: false,
    stream: false,
    ...card,
    id,
    limits: {
      n: BATCH,
      inputImages: 1,
      // The server does one thing at a time.
      concurrent: 1,
      sizes: [SIZES],
      qualities: [],
      styles: [],
      backgrounds: [],
      formats: [],
      ...card.limits,
    },
    params: {
      seed: true,
      negativePrompt: true,
      quality: false,
      style: false,
      background: false,
      moderation: false,
      output: false,
      endUser: false,
      ...(inspection && { mask: isWebUI(inspection.abilities) }),
      ...card.params,
    },
  };
}

function known(inspection: Inspection): Partial<ModelCard> {
  const { abilities } = inspection;
  return {
    ops: abilities.ops,
    extra: offeredFields(inspection),
    progress: isWebUI(abilities) ? "steps" : "status",
    previews: abilities.previews,
    cancel: { queued: "yes", running: abilities.stops },
  };
}
