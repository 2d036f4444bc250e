/** A number with about three digits that say something. */
export function number(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** Rows of cells below a heading. @param hold numbers: the columns but the first stand to the right */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  hold: "numbers" | "text",
): string {
  const ruler = heading.map((_, column) => (hold === "text" || column === 0 ? "---" : "---:"));
  return [heading, ruler, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
