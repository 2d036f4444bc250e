import { unlessIdle } from "../../lib/internal/unless-idle";

const reason = () => new Error("nothing came");

async function collected<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

/** Yields the values, and then hangs or ends. */
function sourceOf(values: readonly number[], end: "ends" | "hangs") {
  const seen = { returned: 0 };
  const iterator: AsyncIterableIterator<number> = {
    async next() {
      const [value, ...rest] = values;
      if (value !== undefined) {
        values = rest;
        return { done: false, value };
      }
      if (end === "hangs") await new Promise(() => {});
      return { done: true, value: undefined };
    },
    async return() {
      seen.returned += 1;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return { source: iterator, seen };
}

afterEach(() => jest.useRealTimers());

it("hands on what comes, and leaves no timer behind", async () => {
  jest.useFakeTimers();
  expect(await collected(unlessIdle(sourceOf([1, 2, 3], "ends").source, 1_000, reason))).toEqual([1, 2, 3]);
  expect(jest.getTimerCount()).toBe(0);
});

it("rejects when nothing comes for so long, and tells the source to return without waiting for it", async () => {
  jest.useFakeTimers();
  const { source, seen } = sourceOf([1], "hangs");
  const values = unlessIdle(source, 1_000, reason);
  expect(await values.next()).toEqual({ done: false, value: 1 });
  const second = values.next();
  const rejected = expect(second).rejects.toThrow("nothing came");
  await jest.advanceTimersByTimeAsync(999);
  expect(seen.returned).toBe(0);
  await jest.advanceTimersByTimeAsync(1);
  await rejected;
  expect(seen.returned).toBe(1);
  expect(jest.getTimerCount()).toBe(0);
});

it("does not count the time in which nobody waits", async () => {
  jest.useFakeTimers();
  const values = unlessIdle(sourceOf([1, 2], "ends").source, 1_000, reason);
  await values.next();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await values.next()).toEqual({ done: false, value: 2 });
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

it("lets the source and its timer go when its reader leaves", async () => {
  jest.useFakeTimers();
  const { source, seen } = sourceOf([1, 2], "hangs");
  for await (const _value of unlessIdle(source, 1_000, reason)) break;
  expect(seen.returned).toBe(1);
  expect(jest.getTimerCount()).toBe(0);
});
