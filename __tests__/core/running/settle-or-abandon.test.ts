import { getEventListeners } from "node:events";

import { settleOrAbandon } from "../../../lib/core/running/settle-or-abandon";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("settleOrAbandon", () => {
  it("settles as the work does", async () => {
    const { signal } = new AbortController();
    expect(await settleOrAbandon(Promise.resolve(1), signal)).toBe(1);
    await expect(settleOrAbandon(Promise.reject(new Error("x")), signal)).rejects.toThrow("x");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("gives work a second after the abort, and then goes with the reason", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const abandoned = settleOrAbandon(new Promise(() => {}), stop.signal);
    const rejected = expect(abandoned).rejects.toBe(reason);
    stop.abort(reason);
    let isOver = false;
    abandoned.catch(() => {
      isOver = true;
    });
    await jest.advanceTimersByTimeAsync(999);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await rejected;
    expect(jest.getTimerCount()).toBe(0);
  });

  it("takes what comes within that second", async () => {
    const stop = new AbortController();
    let finish = (_value: string) => {};
    const result = settleOrAbandon(new Promise<string>((resolve) => (finish = resolve)), stop.signal);
    stop.abort();
    await jest.advanceTimersByTimeAsync(500);
    finish("late but there");
    expect(await result).toBe("late but there");
    expect(jest.getTimerCount()).toBe(0);
  });

  it("counts the second from now where the signal had aborted before", async () => {
    const reason = new Error("stopped");
    const abandoned = expect(settleOrAbandon(new Promise(() => {}), AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
    await jest.advanceTimersByTimeAsync(1_000);
    await abandoned;
  });
});
