import { randomInt } from "node:crypto";

import type { Warning } from "../../../ports/provider";
import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import type { Model } from "../models";
import { type Abilities, isWebUI } from "../server/abilities";
import { findCheckpoint } from "../server/checkpoints";
import type { Inspection } from "../server/inspection";
import { ROUTES } from "../server/routes";
import type { Pictures } from "./body";
import { editOf } from "./edit";
import { neutralised } from "./prompt";
import { settingsOf } from "./settings";

/** A task in the server's own terms. */
export interface Order {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly pictures?: Pictures;
  readonly n: number;
  /** Of the first picture; each further one has the next. */
  readonly seed: number;
  /** Where they can be told: a picture that is edited takes only a part of them. */
  readonly steps?: number;
  readonly warnings: readonly Warning[];
}

export interface OrderOptions {
  readonly model: Model;
  readonly inspection: Inspection;
  /** By which the server is to know the task. */
  readonly taskId: string;
  readonly sanitizePrompt: boolean;
  readonly signal: AbortSignal;
}

/** A web UI's own seeds stay below this, and NumPy, which its extensions draw with, takes no larger one. */
const SEEDS = 2 ** 32;
/** What is no web UI may keep it in a signed number. */
const SMALL_SEEDS = 2 ** 31;

/**
 * Everything is written by us, field by field: a field such as `infotext`, `script_name` or `alwayson_scripts` would change any other.
 *
 * @throws ProviderError `invalid_request`, `unsupported_param`, `not_found`, `misconfigured`; the signal's reason
 */
export async function orderOf(task: ImageTask, options: OrderOptions): Promise<Order> {
  const { model, inspection, taskId, signal } = options;
  const { defaults, overrideSettings } = model;
  const title = titleOf(model, inspection);
  const settings = settingsOf(task, defaults, inspection);
  const words = wordsOf(task, options);
  const edit = task.op === "generate" ? undefined : await editOf(task, inspection.abilities, signal);
  const seed = seedOf(task.seed, inspection.abilities);
  const steps = task.op === "generate" ? settings["steps"] : undefined;
  return {
    path: edit === undefined ? ROUTES.txt2img : ROUTES.img2img,
    fields: {
      ...edit?.fields,
      ...settings,
      ...words.fields,
      ...(edit?.sides ?? sidesOf(task, defaults)),
      seed,
      batch_size: task.n,
      force_task_id: taskId,
      override_settings: { ...overrideSettings, sd_model_checkpoint: title },
    },
    ...(edit && { pictures: edit.pictures }),
    n: task.n,
    seed,
    ...(typeof steps === "number" && { steps }),
    warnings: words.warnings,
  };
}

/** A name that the server does not know would be ignored, and the picture drawn with whatever is loaded. */
function titleOf({ checkpoint }: Model, { checkpoints }: Inspection): string {
  if (checkpoints === undefined) return checkpoint;
  const found = findCheckpoint(checkpoints, checkpoint);
  if (found !== undefined) return found.title;
  throw new ProviderError("not_found", "The server does not have this model's checkpoint.", {
    started: "no",
  });
}

function wordsOf(
  task: ImageTask,
  { model, sanitizePrompt }: OrderOptions,
): { readonly fields: object; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const clean = (param: string, text: string) => {
    const sent = sanitizePrompt ? neutralised(text) : text;
    if (sent !== text) warnings.push({ param, message: "control sequences of the server were taken out" });
    return sent;
  };
  const prompt = task.op === "variation" ? "" : clean("prompt", task.prompt);
  const { negativePrompt } = task;
  const negative =
    negativePrompt === undefined ? model.defaults.negative_prompt : clean("negative_prompt", negativePrompt);
  return { fields: { prompt, ...(negative !== undefined && { negative_prompt: negative }) }, warnings };
}

function sidesOf({ size }: ImageTask, { width, height }: Model["defaults"]): object {
  if (typeof size === "object") return { width: size.width, height: size.height };
  return width === undefined || height === undefined ? {} : { width, height };
}

function seedOf(seed: number | undefined, abilities: Abilities): number {
  return seed === undefined ? randomInt(SMALL_SEEDS) : seed % (isWebUI(abilities) ? SEEDS : SMALL_SEEDS);
}
