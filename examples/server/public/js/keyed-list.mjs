// @ts-check

/**
 * Keeps the children of an element in step with a list: one view per key, made once, updated in place, moved only if it must,
 * so that focus and running transitions survive.
 *
 * @template T
 * @param {Element} parent
 * @param {{ keyOf: (item: T) => string, create: (item: T) => { element: Element, update: (item: T) => void, remove?: () => void } }} options
 */
export function keyedList(parent, { keyOf, create }) {
  /** @type {Map<string, ReturnType<typeof create>>} */
  const views = new Map();

  return (/** @type {readonly T[]} */ items) => {
    const wanted = new Set(items.map(keyOf));
    for (const [key, view] of views) {
      if (wanted.has(key)) continue;
      views.delete(key);
      view.remove?.();
      view.element.remove();
    }
    items.forEach((item, place) => {
      const key = keyOf(item);
      let view = views.get(key);
      if (view === undefined) {
        view = create(item);
        views.set(key, view);
      }
      view.update(item);
      const there = parent.children[place] ?? null;
      if (there !== view.element) parent.insertBefore(view.element, there);
    });
  };
}
