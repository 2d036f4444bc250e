import type { Random } from "../paint/random";
import { short } from "../paint/sheet";

/** The `d` of a pine that stands on (`x`, `y`). */
export function pine(random: Random, x: number, y: number, height: number): string {
  const tiers = Math.min(15, Math.max(3, Math.round(5 + height / 14)));
  const half = height * random.between(0.15, 0.21);
  const left: string[] = [];
  const right: string[] = [];
  for (let tier = 1; tier <= tiers; tier++) {
    const part = tier / tiers;
    const reach = half * part ** 0.82 * random.between(0.78, 1.12);
    const level = y - height + height * 0.93 * part;
    const notch = reach * random.between(0.4, 0.56);
    const droop = height * 0.018;
    right.push(
      `L${short(x + reach)} ${short(level + droop)}L${short(x + notch)} ${short(level - droop * 0.4)}`,
    );
    left.unshift(
      `L${short(x - notch)} ${short(level - droop * 0.4)}L${short(x - reach * random.between(0.85, 1.1))} ${short(level + droop)}`,
    );
  }
  const trunk = height * 0.018;
  return `M${short(x)} ${short(y - height)}${right.join("")}L${short(x + trunk)} ${short(y - height * 0.07)}L${short(x + trunk)} ${short(y)}L${short(x - trunk)} ${short(y)}L${short(x - trunk)} ${short(y - height * 0.07)}${left.join("")}Z`;
}
