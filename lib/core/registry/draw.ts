interface Weighted {
  readonly weight: number | undefined;
}

/**
 * Keeps the order, but for neighbours that have weights: those are drawn anew each time, one after the other, each with a chance in
 * proportion to its weight.
 *
 * @param random 0 … below 1
 */
export function draw<T extends Weighted>(items: readonly T[], random: () => number): T[] {
  if (items.every(({ weight }) => weight === undefined)) return [...items];
  const drawn: T[] = [];
  let group: T[] = [];
  const empty = () => {
    drawn.push(...shuffled(group, random));
    group = [];
  };
  for (const item of items) {
    if (item.weight === undefined) {
      empty();
      drawn.push(item);
    } else {
      group.push(item);
    }
  }
  empty();
  return drawn;
}

/** A race of exponential clocks: whoever's is the fastest comes first, which happens in proportion to the weights. */
function shuffled<T extends Weighted>(group: readonly T[], random: () => number): T[] {
  const arrivals = group.map((item) => ({ item, at: -Math.log(1 - random()) / (item.weight ?? 1) }));
  return arrivals.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
