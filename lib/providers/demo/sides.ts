import { ProviderError, type Size } from "../../ports";
import { LARGEST_SIDE, SMALLEST_SIDE, USUAL_SIDE } from "./card";

/** In pixels. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/**
 * How large a picture is drawn.
 *
 * @param given the picture that it begins with, whose size it keeps where none is asked for
 * @throws ProviderError `invalid_request`
 */
export function sidesOf(size: Size | undefined, given?: Sides): Sides {
  if (size === undefined || size === "auto") {
    return given === undefined ? { width: USUAL_SIDE, height: USUAL_SIDE } : fitted(given);
  }
  const { width, height } = size;
  const fits = [width, height].every(
    (side) => Number.isInteger(side) && side >= SMALLEST_SIDE && side <= LARGEST_SIDE,
  );
  if (fits) return { width, height };
  throw new ProviderError(
    "invalid_request",
    `Both sides must be from ${SMALLEST_SIDE} to ${LARGEST_SIDE} pixels.`,
    { started: "no", param: "size" },
  );
}

/** As it is, as far as that can be drawn. */
function fitted({ width, height }: Sides): Sides {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(SMALLEST_SIDE, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}
