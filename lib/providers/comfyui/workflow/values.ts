import { ProviderError } from "../../../ports/provider-error";
import { type Binding, paramOf } from "./bindings";
import type { Workflow } from "./workflow";

/** What a field may be where the operator says nothing; more steps than this are a way to hold a server for hours. */
const RANGES: Readonly<
  Record<string, { readonly min: number; readonly max: number; readonly whole: boolean }>
> = {
  width: { min: 16, max: 16_384, whole: true },
  height: { min: 16, max: 16_384, whole: true },
  batch: { min: 1, max: 64, whole: true },
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  steps: { min: 1, max: 150, whole: true },
  cfg: { min: 0, max: 100, whole: false },
};

const MAX_TEXT = 4000;

/** @throws ProviderError `invalid_request` when it is no number that this field takes */
export function checkedNumber(workflow: Workflow, field: string, value: unknown): number {
  const binding = workflow.bindings.get(field);
  const range = Object.hasOwn(RANGES, field) ? RANGES[field] : undefined;
  const { min = range?.min, max = range?.max } = binding ?? {};
  const isWhole = range?.whole ?? false;
  if (
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!isWhole || Number.isInteger(value)) &&
    value >= (min ?? value) &&
    value <= (max ?? value)
  ) {
    return value;
  }
  throw invalid(field, `expected ${isWhole ? "a whole number" : "a number"}${spanOf(min, max)}`);
}

const spanOf = (min: number | undefined, max: number | undefined): string => {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
};

/** A field that OpenAI does not know: of the type that the workflow holds there. */
export function checkedExtra(
  workflow: Workflow,
  binding: Binding,
  value: unknown,
): string | number | boolean {
  const { field, values } = binding;
  if (values !== undefined) {
    const known = values.find((each) => each === value);
    if (known !== undefined) return known;
    throw invalid(field, `expected one of ${values.map((each) => `'${each}'`).join(", ")}`);
  }
  const wanted = typeof heldBy(workflow, binding);
  if (wanted === "number") return checkedNumber(workflow, field, value);
  if (wanted === "boolean" && typeof value === "boolean") return value;
  if (wanted === "string" && typeof value === "string" && value.length <= MAX_TEXT && value.isWellFormed()) {
    return value;
  }
  throw invalid(
    field,
    wanted === "string" ? `expected text of at most ${MAX_TEXT} characters` : "expected true or false",
  );
}

const heldBy = ({ graph }: Workflow, { targets: [target] }: Binding): unknown =>
  target && graph.get(target.node)?.inputs[target.input];

const invalid = (field: string, expected: string): ProviderError => {
  const param = paramOf(field);
  return new ProviderError("invalid_request", `Invalid value for '${param}': ${expected}.`, {
    param,
    started: "no",
  });
};

/**
 * Words that a text encoder would obey: `embedding:NAME` at the start of a word loads a file of the operator's.
 *
 * @see ComfyUI comfy/sd1_clip.py, `embedding_identifier`
 */
export const withoutControls = (text: string): string => text.replace(/embedding:/g, "embedding :");
