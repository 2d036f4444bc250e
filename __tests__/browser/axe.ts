import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const GRAVE: ReadonlySet<unknown> = new Set(["serious", "critical"]);

/** What axe finds serious or critical on the page as it is, in the light and in the dark theme. */
export async function graveFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  await page.evaluate(axe.source);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
    for (const { id, impact, nodes } of violations) {
      if (!GRAVE.has(impact)) continue;
      for (const { target } of nodes) findings.push(`${colorScheme}: ${id} at ${target.join(" ")}`);
    }
  }
  return findings;
}
