/** What `await` would wait for: also what another library, or another realm, has made. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  ((typeof value === "object" && value !== null) || typeof value === "function") &&
  "then" in value &&
  typeof value.then === "function";

/** Goes on with a value: at once where it is there, for each turn of the event loop costs more than most of what is done in it. */
export const andThen = <T, Next>(
  value: T | Promise<T>,
  next: (value: T) => Next | Promise<Next>,
): Next | Promise<Next> => (isPromise(value) ? Promise.resolve(value).then(next) : next(value));

/** What `work` gives, or what `failed` makes of its failure: at once where the work is done at once. */
export function unlessFailed<T>(
  work: () => T | Promise<T>,
  failed: (error: unknown) => T | Promise<T>,
): T | Promise<T> {
  try {
    const value = work();
    return isPromise(value) ? Promise.resolve(value).catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}
