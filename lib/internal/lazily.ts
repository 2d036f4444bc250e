/** Something that is made at the first need, once. */
export function lazily<T>() {
  let made: Promise<T> | undefined;
  return {
    made: () => made,
    get(make: () => Promise<T>): Promise<T> {
      made ??= make();
      return made;
    },
  };
}
