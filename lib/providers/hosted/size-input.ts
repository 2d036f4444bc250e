import type { SizeRule } from "../../ports/model-card";
import type { Size } from "../../ports/task";

type Sides = Exclude<Size, "auto">;
type Grid = Omit<Extract<SizeRule, { readonly kind: "grid" }>, "kind" | "auto">;

/** How a model is told the size of a picture, and which sizes it takes. */
export type SizeInput =
  /** Two inputs; `also` is sent with them, such as `{ aspect_ratio: "custom" }`. */
  | {
      readonly as: "sides";
      readonly width: string;
      readonly height: string;
      readonly grid: Grid;
      readonly also?: Readonly<Record<string, string>>;
    }
  /** One input, `{width, height}`. */
  | { readonly as: "object"; readonly name: string; readonly grid: Grid }
  /** One input, `W:H`; how many pixels that is the model decides. */
  | { readonly as: "ratio"; readonly name: string; readonly values: readonly string[] }
  /** One input, `WIDTHxHEIGHT`. */
  | { readonly as: "text"; readonly name: string; readonly values: readonly string[] };

/** What the card says of sizes; without an input only the model's own size can be had. */
export function sizeRule(input: SizeInput | undefined): SizeRule {
  if (input === undefined) return { kind: "list", values: [], auto: true };
  if (input.as === "ratio") return { kind: "ratio", values: input.values, auto: true };
  if (input.as === "text") return { kind: "list", values: input.values, auto: true };
  return { kind: "grid", ...input.grid, auto: true };
}

/** The inputs that a size is written into. */
export function sizeNames(input: SizeInput): readonly string[] {
  return input.as === "sides" ? [input.width, input.height, ...Object.keys(input.also ?? {})] : [input.name];
}

/** A size that the card has let through, as the model reads it. */
export function sizeValues(input: SizeInput, { width, height }: Sides): Readonly<Record<string, unknown>> {
  switch (input.as) {
    case "sides":
      return { ...input.also, [input.width]: width, [input.height]: height };
    case "object":
      return { [input.name]: { width, height } };
    case "ratio":
      return { [input.name]: nearest(input.values, width / height) };
    case "text":
      return { [input.name]: `${width}x${height}` };
  }
}

const nearest = (values: readonly string[], wanted: number): string | undefined =>
  [...values].sort((one, other) => distance(one, wanted) - distance(other, wanted))[0];

/** Relative, so that 1:2 is as far from 1:1 as 2:1 is. */
function distance(value: string, wanted: number): number {
  const [across = Number.NaN, down = Number.NaN] = value.split(":").map(Number);
  return Math.abs(Math.log(across / down / wanted));
}
