import { MIB } from "../../internal/byte-sizes";
import type { ModelCard } from "../../ports";

/** Sides of a picture, in pixels. */
export const SMALLEST_SIDE = 16;
export const LARGEST_SIDE = 2048;
/** Both sides of what `auto` means. */
export const USUAL_SIDE = 1024;

/** Of one picture to work on. */
export const LARGEST_INPUT_BYTES = 16 * MIB;

export const FORMATS = ["png", "jpeg", "webp"] as const;

export type Format = (typeof FORMATS)[number];

/** What the demo can do, under the id and with the differences given. */
export function demoCard(differences: Partial<ModelCard> & Pick<ModelCard, "id">): ModelCard {
  return {
    ops: ["generate", "edit", "variation"],
    limits: {
      n: 4,
      inputImages: 1,
      inputBytes: LARGEST_INPUT_BYTES,
      concurrent: 2,
      sizes: [{ kind: "grid", step: 1, min: SMALLEST_SIDE, max: LARGEST_SIDE, auto: true }],
      formats: FORMATS,
    },
    params: {
      seed: true,
      output: true,
      quality: true,
      style: true,
      background: false,
      negativePrompt: false,
      moderation: false,
      mask: true,
    },
    extra: ["seed", "steps"],
    stream: false,
    progress: "steps",
    previews: true,
    cancel: { queued: "yes", running: "yes" },
    resume: false,
    ...differences,
  };
}
