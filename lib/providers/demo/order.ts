import { randomInt } from "node:crypto";

import { type ImageTask, ProviderError, type Size } from "../../ports";
import { FORMATS, type Format, LARGEST_SIDE, SMALLEST_SIDE, USUAL_SIDE } from "./card";
import { isSteps, MAX_STEPS } from "./options";
import type { PictureOrder } from "./picture";

/** A task in the demo's own terms. */
export interface Order {
  /** One per image, the seeds rising by one. */
  readonly pictures: readonly PictureOrder[];
  readonly steps: number;
  readonly format: Format;
  /** 1 … 100, for formats that lose something. */
  readonly quality: number | undefined;
}

/** Seeds come back as they are, so they stay exact in JSON. */
const SEEDS = Number.MAX_SAFE_INTEGER;
const RANDOM_SEEDS = 2 ** 32;

/** @throws ProviderError `invalid_request` for what the card does not promise */
export function orderOf(task: ImageTask, usualSteps: number): Order {
  if (task.op !== "generate") throw refused("This model makes pictures from a prompt only.");
  const { width, height } = sidesOf(task.size);
  const seed = task.seed ?? randomInt(RANDOM_SEEDS);
  const pictures = Array.from({ length: task.n }, (_, image) => ({
    prompt: task.prompt,
    seed: (seed + image) % SEEDS,
    width,
    height,
    ...(task.style === undefined ? {} : { style: task.style }),
    ...(task.quality === undefined ? {} : { quality: task.quality }),
  }));
  const { compression } = task.output ?? {};
  return {
    pictures,
    steps: stepsOf(task.extra["steps"], usualSteps),
    format: formatOf(task.output?.format),
    quality: compression === undefined ? undefined : Math.min(100, Math.max(1, Math.round(compression))),
  };
}

function sidesOf(size: Size | undefined): { readonly width: number; readonly height: number } {
  if (size === undefined || size === "auto") return { width: USUAL_SIDE, height: USUAL_SIDE };
  const { width, height } = size;
  const fits = [width, height].every(
    (side) => Number.isInteger(side) && side >= SMALLEST_SIDE && side <= LARGEST_SIDE,
  );
  if (!fits) throw refused(`Both sides must be from ${SMALLEST_SIDE} to ${LARGEST_SIDE} pixels.`, "size");
  return { width, height };
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
  return new ProviderError("invalid_request", message, {
    started: "no",
    ...(param === undefined ? {} : { param }),
  });
}
