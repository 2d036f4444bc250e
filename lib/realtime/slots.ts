/** Counts what is held under each key. */
export interface Slots {
  /** Gives the way to let go, which may be called twice; `undefined` when the key holds all it may. */
  take(key: unknown): (() => void) | undefined;
}

/** @param max how many one key may hold at the same time */
export function createSlots(max: number): Slots {
  const held = new Map<unknown, number>();
  return {
    take(key) {
      const count = held.get(key) ?? 0;
      if (count >= max) return undefined;
      held.set(key, count + 1);
      let mine = true;
      return () => {
        if (!mine) return;
        mine = false;
        const left = (held.get(key) ?? 1) - 1;
        if (left > 0) held.set(key, left);
        else held.delete(key);
      };
    },
  };
}
