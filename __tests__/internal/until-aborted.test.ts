import { getEventListeners } from "node:events";

import { END, forEach } from "../../lib/internal/supply";
import { untilAborted } from "../../lib/internal/until-aborted";
import { Bursts, Hanging } from "../support/bursts";

const endless = (): Promise<never> => new Promise(() => {});

/** Yields 1, 2, … and tells when it is told to return. */
function counter(onReturn: () => void, last = Number.POSITIVE_INFINITY) {
  return (async function* () {
    try {
      for (let n = 1; n <= last; n++) yield n;
    } finally {
      onReturn();
    }
  })();
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

describe("untilAborted", () => {
  it("hands on everything and leaves no listener on the signal", async () => {
    const { signal } = new AbortController();
    expect(
      await collect(
        untilAborted(
          counter(() => {}, 3),
          signal,
        ),
      ),
    ).toEqual([1, 2, 3]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("leaves no listener where the end is at hand", async () => {
    const { signal } = new AbortController();
    const values = untilAborted(new Bursts([[1], [2]]), signal);
    expect(await values.next()).toEqual({ done: false, value: 1 });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await values.arrival();
    expect([values.atHand(), values.atHand(), values.atHand()]).toEqual([2, END, END]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("rejects with the reason while the source hangs", async () => {
    const controller = new AbortController();
    const hanging = (async function* () {
      yield 1;
      controller.abort("enough");
      await endless();
    })();
    await expect(collect(untilAborted(hanging, controller.signal))).rejects.toBe("enough");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("rejects with the reason while it is only waited for that something comes, and leaves the source", async () => {
    const controller = new AbortController();
    const source = new Hanging([1, 2]);
    const seen: number[] = [];
    const reading = forEach(untilAborted(source, controller.signal), (value) => void seen.push(value));
    await source.isWaitedFor;
    controller.abort("enough");
    await expect(reading).rejects.toBe("enough");
    expect(seen).toEqual([1, 2]);
    expect(source.isLeft).toBe(true);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("has nothing at hand any more once it is aborted", async () => {
    const controller = new AbortController();
    const values = untilAborted(new Hanging([1, 2]), controller.signal);
    expect(await values.next()).toEqual({ done: false, value: 1 });
    controller.abort("enough");
    expect([values.atHand(), values.arrival()]).toEqual([undefined, undefined]);
    await expect(values.next()).rejects.toBe("enough");
  });

  it("takes nothing more and tells the source to return when the abort comes between two values", async () => {
    const controller = new AbortController();
    const returned = jest.fn();
    const taken: number[] = [];
    const reading = (async () => {
      for await (const n of untilAborted(counter(returned), controller.signal)) {
        taken.push(n);
        if (n === 2) controller.abort("enough");
      }
    })();
    await expect(reading).rejects.toBe("enough");
    expect(taken).toEqual([1, 2]);
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it("tells the source to return when the reader leaves, and does not wait for it", async () => {
    const returned = jest.fn(endless);
    for await (const n of untilAborted(counter(returned), new AbortController().signal)) if (n === 1) break;
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it("does not touch the source when the signal has aborted before", async () => {
    const source = { [Symbol.asyncIterator]: jest.fn() };
    await expect(collect(untilAborted(source, AbortSignal.abort("early")))).rejects.toBe("early");
    expect(source[Symbol.asyncIterator]).not.toHaveBeenCalled();
  });

  it("passes the source's own error on, also when the source cannot return", async () => {
    const error = new Error("broken");
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(error),
        return: () => Promise.reject(new Error("broken as well")),
      }),
    };
    await expect(collect(untilAborted(source, new AbortController().signal))).rejects.toBe(error);
  });

  it("leaves no listener where the source cannot even be asked", async () => {
    const error = new Error("broken at once");
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw error;
        },
      }),
    };
    const { signal } = new AbortController();
    await expect(collect(untilAborted(source, signal))).rejects.toBe(error);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("does not wait for a value that is still to come when the reader leaves", async () => {
    const returned = jest.fn(async () => ({ done: true, value: undefined }) as const);
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: endless, return: returned }),
    };
    const { signal } = new AbortController();
    const values = untilAborted(source, signal);
    void values.next();
    await expect(values.return?.()).resolves.toEqual({ done: true, value: undefined });
    await expect(values.next()).resolves.toEqual({ done: true, value: undefined });
    expect(returned).toHaveBeenCalledTimes(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("touches nothing when it is left before it was begun", async () => {
    const source = { [Symbol.asyncIterator]: jest.fn() };
    const values = untilAborted(source, new AbortController().signal);
    await values.return?.();
    await expect(values.next()).resolves.toEqual({ done: true, value: undefined });
    expect(source[Symbol.asyncIterator]).not.toHaveBeenCalled();
  });
});
