import type { CardParameter, ModelCard } from "../../../ports/model-card";
import type { Model } from "../options";
import { imagesPerCall, opsOf, takesMask } from "./abilities";
import { FIELD_PARAMETERS, FIELDS } from "./fields";

/** What a model says of itself, completed by what is known of its vendor; the operator has the last word. */
export async function cardOf(entry: Model, signal: AbortSignal): Promise<ModelCard> {
  const { id, model, vendor, overrides } = entry;
  const [n, ops, mask] = await Promise.all([
    overrides.limits?.n ?? imagesPerCall(entry, signal),
    opsOf(entry, signal),
    takesMask(model, signal),
  ]);
  return {
    stream: false,
    progress: "status",
    previews: false,
    // Whoever stops listening is billed all the same: the adapters of the AI SDK tell no vendor to stop.
    cancel: { queued: "no", running: "no" },
    resume: false,
    idempotent: false,
    ...overrides,
    id,
    ops,
    limits: { ...vendor.limits?.(model.modelId), ...overrides.limits, n },
    params: { ...paramsOf(entry), ...(mask === undefined ? {} : { mask }), ...overrides.params },
  };
}

/** What there is no option for is known not to be there; what the vendor has an option for, not every model of it may take. */
function paramsOf({ fields, ownFields, vendor }: Model): Partial<Record<CardParameter, boolean>> {
  const params: Partial<Record<CardParameter, boolean>> = {};
  for (const parameter of new Set(Object.values(FIELD_PARAMETERS))) {
    const its = FIELDS.filter((field) => FIELD_PARAMETERS[field] === parameter);
    if (its.some((field) => ownFields.has(field))) params[parameter] = true;
    else if (its.every((field) => fields[field] === undefined)) params[parameter] = false;
  }
  if (ownFields.has("seed")) return params;
  const { seed: _hasNoOption, ...others } = params;
  return { ...others, ...(vendor.takesSeed === undefined ? {} : { seed: vendor.takesSeed }) };
}
