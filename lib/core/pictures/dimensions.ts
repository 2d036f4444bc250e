export const MAX_SIDE = 16_384;
const MAX_PIXELS = 64_000_000;

/** Is a picture larger than anybody could decode without harm? */
export const hasTooManyPixels = ({ width, height }: { readonly width: number; readonly height: number }) =>
  width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS;
