import { type ImageHead, peekImageHead } from "../../../internal/image-head";
import { untilAborted } from "../../../internal/until-aborted";
import type { InputImage } from "../../../ports/task";
import { invalid } from "./invalid";

export interface Sides {
  readonly width: number;
  readonly height: number;
}

const PNG_COLOUR_TYPE_AT = 25;
const WITH_ALPHA = 6;

const SIDE_STEP = 8;
const MIN_SIDE = 64;
const MAX_SIDE = 2048;

/** @throws ProviderError `invalid_request`; the signal's reason */
export async function sidesOf(image: InputImage, signal: AbortSignal): Promise<Sides> {
  const { head } = await startOf(image, signal);
  if (head === undefined) throw invalid("image", "The file in 'image' is no picture that can be read.");
  return head;
}

/**
 * A mask of OpenAI's is a PNG of the picture's size, to be painted where it is transparent. The server reads a mask's transparency
 * only when it has an alpha channel of its own, else its colours.
 *
 * @throws ProviderError `invalid_request`; the signal's reason
 */
export async function checkMask(mask: InputImage, image: Sides, signal: AbortSignal): Promise<void> {
  const { start, head } = await startOf(mask, signal);
  if (head?.contentType !== "image/png" || start[PNG_COLOUR_TYPE_AT] !== WITH_ALPHA) {
    throw invalid("mask", "The mask must be a PNG in full colour with transparency (RGBA).");
  }
  if (head.width !== image.width || head.height !== image.height) {
    throw invalid("mask", "The mask must be of the same size as the picture.");
  }
}

/** What a picture is drawn at when the caller names no size: its own size, as far as the server has it. */
export function drawnSides({ width, height }: Sides): Sides {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const fitted = (side: number) => Math.max(MIN_SIDE, Math.round((side * scale) / SIDE_STEP) * SIDE_STEP);
  return { width: fitted(width), height: fitted(height) };
}

/** The beginning of a picture, as far as it takes to know its size. */
async function startOf(
  image: InputImage,
  signal: AbortSignal,
): Promise<{ readonly start: Uint8Array; readonly head: ImageHead | undefined }> {
  const { head, bytes } = await peekImageHead(untilAborted(image.open(), signal));
  try {
    const { value: start = new Uint8Array() } = await bytes.next();
    return { start, head };
  } finally {
    await bytes.return();
  }
}
