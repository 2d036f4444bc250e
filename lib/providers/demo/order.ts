import { randomInt } from "node:crypto";
import { defined } from "../../internal/defined";

import { type ImageTask, ProviderError } from "../../ports";
import { FORMATS, type Format } from "./card";
import type { Blend } from "./edited";
import type { Given } from "./given";
import { isSteps, MAX_STEPS } from "./options";
import type { PictureOrder } from "./picture";
import { sidesOf } from "./sides";

/** A task in the demo's own terms. */
export interface Order {
  /** One per image, the seeds rising by one. */
  readonly pictures: readonly PictureOrder[];
  /** What they are drawn into; absent: nothing. */
  readonly base: { readonly given: Given; readonly blend: Blend } | undefined;
  readonly steps: number;
  readonly format: Format;
  /** 1 … 100, for formats that lose something. */
  readonly quality: number | undefined;
}

/** Seeds come back as they are, so they stay exact in JSON. */
const SEEDS = Number.MAX_SAFE_INTEGER;
const RANDOM_SEEDS = 2 ** 32;

/**
 * @param given what the task begins with
 * @throws ProviderError `invalid_request` for what the card does not promise
 */
export function orderOf(task: ImageTask, usualSteps: number, given: Given | undefined): Order {
  const { width, height } = given ?? sidesOf(task.size);
  const seed = task.seed ?? randomInt(RANDOM_SEEDS);
  const pictures = Array.from({ length: task.n }, (_, image) =>
    defined({
      prompt: task.op === "variation" ? "" : task.prompt,
      seed: (seed + image) % SEEDS,
      width,
      height,
      style: task.style,
      quality: task.quality,
    }),
  );
  const { compression } = task.output ?? {};
  return {
    pictures,
    base: given && { given, blend: task.op === "variation" ? "soft-light" : "over" },
    steps: stepsOf(task.extra["steps"], usualSteps),
    format: formatOf(task.output?.format),
    quality: compression === undefined ? undefined : Math.min(100, Math.max(1, Math.round(compression))),
  };
}

function stepsOf(value: unknown, usual: number): number {
  if (value === undefined || value === null) return usual;
  if (isSteps(value)) return value;
  throw refused(`'steps' must be a whole number from 1 to ${MAX_STEPS}.`, "steps");
}

function formatOf(name = "png"): Format {
  const format = FORMATS.find((each) => each === name);
  if (format === undefined) throw refused(`This model makes ${FORMATS.join(", ")} only.`, "output_format");
  return format;
}

function refused(message: string, param?: string): ProviderError {
  return new ProviderError("invalid_request", message, defined({ started: "no", param }));
}
