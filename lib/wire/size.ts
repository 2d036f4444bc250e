import type { Size } from "../ports";

import { GatewayError } from "../ports";

const MAX_SIDE = 16_384;
/** What is taken in of a provider: asking for more would be paid and then refused. */
const MAX_PIXELS = 64_000_000;

/** @throws GatewayError `invalid_size` */
export function parseSize(text: string): Size {
  if (text === "auto") return "auto";
  const [width = Number.NaN, height = Number.NaN] = (/^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [])
    .slice(1)
    .map(Number);
  if (width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS) return { width, height };
  throw new GatewayError(
    "invalid_size",
    `Invalid 'size': expected WIDTHxHEIGHT in pixels, such as '1024x1024' (sides up to ${MAX_SIDE}, 64 megapixels), or 'auto'.`,
    { param: "size" },
  );
}
