import { settleOrAbandon } from "../../../lib/core/running/settle-or-abandon";
import { Stop } from "../../../lib/internal/stop";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("settleOrAbandon", () => {
  it("settles as the work does", async () => {
    const stop = new Stop();
    expect(await settleOrAbandon(Promise.resolve(1), stop)).toBe(1);
    await expect(settleOrAbandon(Promise.reject(new Error("x")), stop)).rejects.toThrow("x");
    stop.tell(new Error("late"));
    expect(jest.getTimerCount()).toBe(0);
  });

  it("gives work a second after the word, and then goes with the reason", async () => {
    const stop = new Stop();
    const reason = new Error("stopped");
    const abandoned = settleOrAbandon(new Promise(() => {}), stop);
    const rejected = expect(abandoned).rejects.toBe(reason);
    stop.tell(reason);
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
    const stop = new Stop();
    let finish = (_value: string) => {};
    const result = settleOrAbandon(new Promise<string>((resolve) => (finish = resolve)), stop);
    stop.tell(new Error("stopped"));
    await jest.advanceTimersByTimeAsync(500);
    finish("late but there");
    expect(await result).toBe("late but there");
    expect(jest.getTimerCount()).toBe(0);
  });

  it("counts the second from now where it had been told before", async () => {
    const reason = new Error("stopped");
    const stop = new Stop();
    stop.tell(reason);
    const abandoned = expect(settleOrAbandon(new Promise(() => {}), stop)).rejects.toBe(reason);
    await jest.advanceTimersByTimeAsync(1_000);
    await abandoned;
  });
});
