// @ts-check

/**
 * The page's one state. Changes go in as functions from state to state; listeners hear of them once per turn, however many
 * there were.
 *
 * @template S
 * @param {S} initial
 */
export function createStore(initial) {
  let state = initial;
  let isScheduled = false;
  /** @type {Set<(state: S) => void>} */
  const listeners = new Set();

  const publish = () => {
    isScheduled = false;
    for (const listener of listeners) listener(state);
  };

  return {
    get: () => state,
    /** @param {(state: S) => S} change */
    update(change) {
      const next = change(state);
      if (next === state) return;
      state = next;
      if (isScheduled) return;
      isScheduled = true;
      queueMicrotask(publish);
    },
    /** @param {(state: S) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      listener(state);
    },
  };
}
