import { randomInt } from "node:crypto";
import { isObject } from "../../../internal/json-shape";
import type { ImageTask } from "../../../ports/task";
import { addressOf, paramOf, type Target } from "./bindings";
import { checkedExtra, checkedNumber, withoutControls } from "./values";
import type { Workflow } from "./workflow";

/** A graph as it is sent, and what of it came from the caller. */
export interface FilledGraph {
  readonly prompt: Readonly<Record<string, unknown>>;
  /** `node.input` → the request's own name of the value that stands there. */
  readonly given: ReadonlyMap<string, string>;
  readonly seed: number | undefined;
}

/** Names of the input pictures on the server, as a node takes them. */
export interface Uploads {
  readonly images: readonly string[];
  readonly mask?: string;
}

export interface FillOptions {
  readonly uploads: Uploads;
  /** Distinguishes this run's files, so that a repeated seed is not answered with a file that may be gone. */
  readonly tag: string;
  readonly sanitizePrompt: boolean;
}

/** Drawn below this: JSON numbers above 2^53 lose digits, and `crypto.randomInt` stops at 2^48. */
const SEED_SPACE = 2 ** 48 - 1;

/**
 * Sets a task's values at the bound inputs of a copy of the parsed graph; text is never spliced into JSON.
 *
 * @throws ProviderError `invalid_request` naming our field
 */
export function fillGraph(workflow: Workflow, task: ImageTask, options: FillOptions): FilledGraph {
  const prompt: Record<string, unknown> = structuredClone(workflow.json);
  const given = new Map<string, string>();
  const put = ({ node, input }: Target, value: unknown) => {
    const target = prompt[node];
    const inputs = isObject(target) ? target["inputs"] : undefined;
    if (isObject(inputs)) Object.assign(inputs, { [input]: value });
  };
  const set = (field: string, value: unknown, isCallers = true) => {
    for (const target of workflow.bindings.get(field)?.targets ?? []) {
      put(target, value);
      if (isCallers) given.set(addressOf(target), paramOf(field));
    }
  };
  const words = (text: string) => (options.sanitizePrompt ? withoutControls(text) : text);

  if (task.op !== "variation") set("prompt", words(task.prompt));
  if (task.negativePrompt !== undefined) set("negative", words(task.negativePrompt));
  if (task.size !== undefined && task.size !== "auto") {
    set("width", checkedNumber(workflow, "width", task.size.width));
    set("height", checkedNumber(workflow, "height", task.size.height));
  }
  set("batch", checkedNumber(workflow, "batch", task.n));
  const seed = workflow.bindings.has("seed") ? (task.seed ?? randomInt(SEED_SPACE)) : undefined;
  if (seed !== undefined) set("seed", checkedNumber(workflow, "seed", seed), task.seed !== undefined);
  for (const [name, value] of Object.entries(task.extra)) {
    const binding = workflow.bindings.get(name);
    if (binding !== undefined && value !== null) set(name, checkedExtra(workflow, binding, value));
  }
  for (const [index, target] of (workflow.bindings.get("image")?.targets ?? []).entries()) {
    put(target, options.uploads.images[index]);
    given.set(addressOf(target), "image");
  }
  if (options.uploads.mask !== undefined) set("mask", options.uploads.mask);
  if (task.seed !== undefined) tagFiles(workflow, put, options.tag);
  return { prompt, given, seed };
}

/** The same graph with the same seed is answered from a cache that still names the file of the first run. */
function tagFiles({ output }: Workflow, put: (target: Target, value: unknown) => void, tag: string): void {
  const prefix = output.inputs["filename_prefix"];
  if (typeof prefix === "string") put({ node: output.id, input: "filename_prefix" }, `${prefix}-${tag}`);
}
