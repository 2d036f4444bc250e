import { defined } from "../../../internal/defined";
import type { SizeRule } from "../../../ports/model-card";
import type { Warning } from "../../../ports/provider";
import type { ImageTask, Size } from "../../../ports/task";
import { FIELDS, VALUES } from "../model/fields";
import type { ImageModelCall, ProviderOptions } from "../model/image-model";
import type { Model } from "../options";
import type { Inputs } from "./inputs";

/** One call, ready to be made. */
export interface Composed {
  readonly call: Omit<ImageModelCall, "abortSignal">;
  readonly warnings: readonly Warning[];
}

/** Vendors have 32 bits for a seed; the gateway's are longer. Seeds of one job differ all the same. */
const SEEDS = 2 ** 31;

/** A task in the words of the AI SDK. Every member is there, those without a value as `undefined`: adapters count on it. */
export function compose(task: ImageTask, { files, mask }: Inputs, entry: Model): Composed {
  const { model, vendor, overrides, fields } = entry;
  const seed = task.seed === undefined ? undefined : task.seed % (vendor.seeds ?? SEEDS);
  const sizes = overrides.limits?.sizes ?? vendor.limits?.(model.modelId).sizes;
  const { options, lost } = optionsOf(defined({ ...task, seed }), entry);
  const seedHasPlace = fields.seed === undefined && vendor.takesSeed !== false;
  return {
    call: {
      prompt: "prompt" in task ? task.prompt : undefined,
      n: task.n,
      ...shapeOf(task.size, sizes),
      seed: seedHasPlace ? seed : undefined,
      files,
      mask,
      providerOptions: options,
      headers: {},
    },
    warnings: lost
      .filter((field) => field !== "seed" || !seedHasPlace)
      .map((param) => ({ param, message: `'${param}' does not apply to this model and was ignored.` })),
  };
}

/** Fields with an option of the vendor's, and the further ones of the caller, among what goes with every call. */
function optionsOf(task: ImageTask, { fields, optionsKey, providerOptions }: Model) {
  const own: [name: string, value: unknown][] = Object.entries(task.extra);
  const lost: string[] = [];
  for (const field of FIELDS) {
    const value = VALUES[field](task);
    const name = fields[field];
    if (value === undefined) continue;
    if (name === undefined) lost.push(field);
    else own.push([name, value]);
  }
  if (own.length === 0) return { options: providerOptions, lost };
  // By definition, not by assignment: a field called `__proto__` is a field like any other.
  const named = { ...providerOptions[optionsKey], ...Object.fromEntries(own) };
  const options: ProviderOptions = { ...providerOptions, [optionsKey]: named };
  return { options, lost };
}

/** A size, or the ratio nearest to it where the card knows nothing but ratios. Neither where the choice is the model's. */
function shapeOf(
  size: Size | undefined,
  rules: readonly SizeRule[] = [],
): Pick<ImageModelCall, "size" | "aspectRatio"> {
  if (size === undefined || size === "auto") return { size: undefined, aspectRatio: undefined };
  const { width, height } = size;
  const ratios = rules.flatMap((rule) => (rule.kind === "ratio" ? rule.values : [])).flatMap(ratioOf);
  const [first, ...others] = ratios;
  if (first === undefined || rules.some(({ kind }) => kind !== "ratio")) {
    return { size: `${width}x${height}`, aspectRatio: undefined };
  }
  const distance = ({ across, down }: Ratio) => Math.abs(Math.log((width * down) / (height * across)));
  const { across, down } = others.reduce(
    (best, each) => (distance(each) < distance(best) ? each : best),
    first,
  );
  return { size: undefined, aspectRatio: `${across}:${down}` };
}

interface Ratio {
  readonly across: number;
  readonly down: number;
}

function ratioOf(text: string): Ratio[] {
  const [, across, down] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  return Number(across) > 0 && Number(down) > 0 ? [{ across: Number(across), down: Number(down) }] : [];
}
