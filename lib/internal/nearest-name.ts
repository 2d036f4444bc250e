const MOST_EDITS = 3;

/** The known name that a misspelt one probably means: one that it begins, or one a few letters away. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const name = given.toLowerCase();
  const begun = known.find((each) => name.length >= 4 && each.toLowerCase().startsWith(name));
  if (begun !== undefined) return begun;
  const [nearest] = known
    .map((each) => ({ each, edits: editsBetween(name, each.toLowerCase()) }))
    .filter(({ edits }) => edits <= Math.min(MOST_EDITS, name.length / 2))
    .sort((a, b) => a.edits - b.edits);
  return nearest?.each;
}

/** Levenshtein distance, one row at a time. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const kept = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(kept, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
