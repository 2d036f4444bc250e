/** A promise and the way to fulfil it. */
export interface Signalled<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function signalled<T = void>(): Signalled<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve: (value) => resolve(value) };
}
