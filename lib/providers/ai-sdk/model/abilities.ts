import { withDeadline } from "../../../internal/deadline";
import type { Op } from "../../../ports/task";
import type { Model } from "../options";
import type { ImageModel } from "./image-model";

/** How long a model may think about what it can do. */
const PATIENCE_MS = 5_000;

/**
 * What a model may be asked for. Where it is not known whether it takes pictures it only generates, unless the operator says more;
 * where it is known that it does not, the operator cannot.
 */
export async function opsOf({ model, overrides }: Model, signal: AbortSignal): Promise<readonly Op[]> {
  const isOld = model.specificationVersion === "v2";
  const takesPictures = isOld ? false : await answerOf(signal, () => model.supportsFileInputs);
  const ops = overrides.ops ?? (takesPictures === true ? ["generate", "edit"] : ["generate"]);
  return takesPictures === false ? ops.filter((op) => op === "generate") : ops;
}

/** `undefined` = not known. */
export const takesMask = (model: ImageModel, signal: AbortSignal): Promise<boolean | undefined> =>
  answerOf(signal, () => model.supportsMaskInputs);

/** A model that does not say, or fails to, is taken for one that makes one picture a call, which is always right. */
export async function imagesPerCall({ model, vendor }: Model, signal: AbortSignal): Promise<number> {
  if (vendor.imagesPerCall !== undefined) return vendor.imagesPerCall;
  const told = await answerOf(signal, () =>
    // Called as a method of its model, which may look at `this`.
    typeof model.maxImagesPerCall === "function"
      ? model.maxImagesPerCall({ modelId: model.modelId })
      : model.maxImagesPerCall,
  );
  return told !== undefined && Number.isSafeInteger(told) && told >= 1 ? told : 1;
}

async function answerOf<T>(signal: AbortSignal, ask: () => PromiseLike<T> | T): Promise<T | undefined> {
  try {
    return await withDeadline(PATIENCE_MS, signal, async () => ask());
  } catch {
    return undefined;
  }
}
