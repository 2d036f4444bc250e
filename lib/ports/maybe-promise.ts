/** A value, or a promise of it: what a host's hook may return. */
export type MaybePromise<T> = T | Promise<T>;
