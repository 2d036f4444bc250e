import { ProviderError } from "../../../ports/provider-error";
import type { ImageTask } from "../../../ports/task";
import { type Abilities, isWebUI } from "../server/abilities";
import type { Pictures } from "./body";
import { invalid } from "./invalid";
import { checkMask, drawnSides, type Sides, sidesOf } from "./pictures";

/** What a task that works on a picture adds to a request. */
export interface Edit {
  readonly fields: Readonly<Record<string, number | boolean>>;
  readonly sides: Sides;
  readonly pictures: Pictures;
}

type EditTask = Exclude<ImageTask, { readonly op: "generate" }>;

/** To the size asked for by cutting, not by stretching. */
const CROPPED = { resize_mode: 1 };

/** Without words, the picture itself has to say what is to be drawn: less of it may change. */
const VARIED = { denoising_strength: 0.5 };

/**
 * Only the mask's place is drawn anew, from what stands there, in the whole picture. Inverted, because the server paints where a
 * mask is opaque.
 *
 * @see AUTOMATIC1111/stable-diffusion-webui, modules/processing.py, `create_binary_mask`
 */
const MASKED = { inpainting_mask_invert: 1, inpainting_fill: 1, inpaint_full_res: false };

/** @throws ProviderError `invalid_request`, `unsupported_param`; the signal's reason */
export async function editOf(task: EditTask, abilities: Abilities, signal: AbortSignal): Promise<Edit> {
  if (!abilities.ops.includes(task.op)) {
    throw new ProviderError("invalid_request", "This model does not work on pictures in this way.", {
      started: "no",
    });
  }
  const [image, ...others] = task.images;
  if (image === undefined || others.length > 0) {
    throw invalid("image", "This model takes one picture in 'image'.");
  }
  const own = await sidesOf(image, signal);
  const sides = typeof task.size === "object" ? task.size : drawnSides(own);
  if (task.op === "variation") return { fields: { ...CROPPED, ...VARIED }, sides, pictures: { image } };
  const { mask } = task;
  if (mask === undefined) return { fields: CROPPED, sides, pictures: { image } };
  if (!isWebUI(abilities)) {
    throw new ProviderError("unsupported_param", "This model takes no mask.", {
      param: "mask",
      started: "no",
    });
  }
  await checkMask(mask, own, signal);
  return { fields: { ...CROPPED, ...MASKED }, sides, pictures: { image, mask } };
}
