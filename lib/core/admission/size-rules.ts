import type { Size, SizeRule } from "../../ports";

type Dimensions = Exclude<Size, "auto">;

const RATIO_TOLERANCE = 0.02;

/** Does any of the rules accept this size? */
export const acceptsSize = (rules: readonly SizeRule[], size: Dimensions): boolean =>
  rules.some((rule) => accepts(rule, size));

/** The rules in words, for an error message. */
export const describeSizes = (rules: readonly SizeRule[]): string =>
  rules.length === 0 ? "auto" : rules.map(describe).join(", or ");

function accepts(rule: SizeRule, { width, height }: Dimensions): boolean {
  switch (rule.kind) {
    case "any":
      return true;
    case "list":
      return rule.values.includes(`${width}x${height}`);
    case "grid": {
      const { step, min = 1, max = Number.POSITIVE_INFINITY, maxPixels = Number.POSITIVE_INFINITY } = rule;
      const { minRatio = 0, maxRatio = Number.POSITIVE_INFINITY } = rule;
      const sides = [width, height];
      return (
        sides.every((side) => side % step === 0 && side >= min && side <= max) &&
        width * height <= maxPixels &&
        width / height >= minRatio &&
        width / height <= maxRatio
      );
    }
    case "ratio":
      return rule.values.some((value) => {
        const [across = Number.NaN, down = Number.NaN] = value.split(":").map(Number);
        const wanted = across / down;
        return Math.abs(width / height - wanted) <= wanted * (rule.tolerance ?? RATIO_TOLERANCE);
      });
  }
}

function describe(rule: SizeRule): string {
  switch (rule.kind) {
    case "any":
      return "any size";
    case "list":
      return rule.values.join(", ");
    case "grid": {
      const parts = rule.step === 1 ? [] : [`multiples of ${rule.step}`];
      if (rule.min !== undefined) parts.push(`at least ${rule.min}`);
      if (rule.max !== undefined) parts.push(`at most ${rule.max}`);
      if (rule.maxPixels !== undefined) parts.push(`at most ${rule.maxPixels} pixels`);
      if (rule.minRatio !== undefined || rule.maxRatio !== undefined) {
        parts.push(`width to height from ${rule.minRatio ?? 0} to ${rule.maxRatio ?? "any"}`);
      }
      return parts.length === 0 ? "any size" : `both sides ${parts.join(", ")}`;
    }
    case "ratio":
      return `one of the ratios ${rule.values.join(", ")}`;
  }
}
