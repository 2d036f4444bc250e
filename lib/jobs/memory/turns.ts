/** A line in which the keys take turns; within a key, first come, first served. */
export interface Turns<T> {
  readonly size: number;
  sizeOf(key: string): number;
  add(key: string, item: T): void;
  remove(key: string, item: T): void;
  /** Takes out the next item that `mayGo`. A key whose first item may not go keeps its turn. */
  take(mayGo: (item: T) => boolean): T | undefined;
  /** Place of the last item of a key, 1 = next. */
  lastPlaceOf(key: string): number;
  /** All items, next one first. */
  inOrder(): readonly T[];
}

export function createTurns<T>(): Turns<T> {
  /** The order of the keys is that of their turns. */
  const lines = new Map<string, Set<T>>();
  let size = 0;

  const sizeOf = (key: string) => lines.get(key)?.size ?? 0;
  const remove = (key: string, item: T) => {
    const line = lines.get(key);
    if (line === undefined || !line.delete(item)) return;
    size -= 1;
    if (line.size === 0) lines.delete(key);
  };

  return {
    get size() {
      return size;
    },
    sizeOf,
    add(key, item) {
      const line = lines.get(key) ?? new Set();
      lines.set(key, line.add(item));
      size += 1;
    },
    remove,
    take(mayGo) {
      for (const [key, line] of lines) {
        const [first] = line;
        if (first === undefined || !mayGo(first)) continue;
        remove(key, first);
        if (lines.delete(key)) lines.set(key, line);
        return first;
      }
      return undefined;
    },
    lastPlaceOf(key) {
      const round = sizeOf(key);
      let place = 0;
      let isAhead = true;
      for (const [each, line] of lines) {
        if (each === key) isAhead = false;
        place += Math.min(line.size, isAhead ? round : round - 1);
      }
      return place + 1;
    },
    inOrder() {
      const order: T[] = [];
      let rounds = [...lines.values()].map((line) => line.values());
      while (rounds.length > 0) {
        rounds = rounds.filter((line) => {
          const { done, value } = line.next();
          if (!done) order.push(value);
          return !done;
        });
      }
      return order;
    },
  };
}
