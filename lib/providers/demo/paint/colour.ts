/** `#rrggbb`. */
export type Colour = string;

/** Lightness 0 … 1 and two opponent axes of OKLab, in which mixtures keep their brightness. */
interface Lab {
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

/** The colour a part (0 … 1) of the way from one to the other, as the eye sees it. */
export function mix(from: Colour, to: Colour, part: number): Colour {
  const start = toLab(from);
  const end = toLab(to);
  const between = (x: number, y: number): number => x + (y - x) * Math.min(1, Math.max(0, part));
  return toColour({ l: between(start.l, end.l), a: between(start.a, end.a), b: between(start.b, end.b) });
}

/** The colour with its chroma multiplied and its lightness moved towards white (`lift` above 0) or black (below). */
export function tuned(colour: Colour, { chroma = 1, lift = 0 }: { chroma?: number; lift?: number }): Colour {
  const { l, a, b } = toLab(colour);
  const light = lift > 0 ? l + (1 - l) * lift : l * (1 + lift);
  return toColour({ l: light, a: a * chroma, b: b * chroma });
}

/** A colour wheel cut open: `steps` colours that run smoothly through all that are given. */
export function ramp(
  colours: readonly Colour[],
  steps: number,
): readonly (readonly [number, number, number])[] {
  return Array.from({ length: steps }, (_, step) => {
    const at = (step / (steps - 1)) * (colours.length - 1);
    const from = Math.min(colours.length - 2, Math.floor(at));
    return channels(mix(colours[from] ?? "#000000", colours[from + 1] ?? "#000000", at - from));
  });
}

/** Red, green and blue, 0 … 255. */
export function channels(colour: Colour): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

const toLinear = (channel: number): number => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

const fromLinear = (value: number): number => {
  const held = Math.min(1, Math.max(0, value));
  return Math.round(255 * (held <= 0.0031308 ? held * 12.92 : 1.055 * held ** (1 / 2.4) - 0.055));
};

/** @see https://bottosson.github.io/posts/oklab/ */
function toLab(colour: Colour): Lab {
  const [r, g, b] = channels(colour);
  const red = toLinear(r);
  const green = toLinear(g);
  const blue = toLinear(b);
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return {
    l: 0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    a: 1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    b: 0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  };
}

function toColour({ l, a, b }: Lab): Colour {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = fromLinear(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short);
  const green = fromLinear(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short);
  const blue = fromLinear(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short);
  return `#${((red << 16) | (green << 8) | blue).toString(16).padStart(6, "0")}`;
}
