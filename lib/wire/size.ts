import type { Size } from "../ports";

import { GatewayError } from "../ports";

const MAX_SIDE = 16_384;

/** @throws GatewayError `invalid_size` */
export function parseSize(text: string): Size {
  if (text === "auto") return "auto";
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  if (size.width <= MAX_SIDE && size.height <= MAX_SIDE) return size;
  throw new GatewayError(
    "invalid_size",
    `Invalid 'size': expected WIDTHxHEIGHT in pixels, such as '1024x1024' (sides up to ${MAX_SIDE}), or 'auto'.`,
    { param: "size" },
  );
}
