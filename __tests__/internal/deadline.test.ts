import { getEventListeners } from "node:events";

import { DeadlineError, withDeadline, within } from "../../lib/internal/deadline";

const never = () => new Promise<never>(() => {});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("withDeadline", () => {
  it("gives what the work gives, and holds no timer and no listener afterwards", async () => {
    const parent = new AbortController();
    expect(await withDeadline(1000, parent.signal, async () => "done")).toBe("done");
    expect(await withDeadline(1000, undefined, () => "at once")).toBe("at once");
    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
  });

  it("rejects when time is up, though the work never settles", async () => {
    let signal: AbortSignal | undefined;
    const result = withDeadline(1000, undefined, (given) => {
      signal = given;
      return never();
    });
    const rejected = expect(result).rejects.toThrow(DeadlineError);
    await jest.advanceTimersByTimeAsync(999);
    expect(signal?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await rejected;
    expect(signal?.reason).toBeInstanceOf(DeadlineError);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("rejects with the parent's reason when that aborts, and tells the work", async () => {
    const parent = new AbortController();
    const reason = new Error("the caller has gone");
    let signal: AbortSignal | undefined;
    const result = withDeadline(1000, parent.signal, (given) => {
      signal = given;
      return never();
    });
    parent.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(signal?.reason).toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
  });

  it("waits for ever where it may: a timer counts to 2³¹ - 1 only", async () => {
    const result = withDeadline(Number.POSITIVE_INFINITY, undefined, () => never());
    const isOver = jest.fn();
    result.then(isOver, isOver);
    await jest.advanceTimersByTimeAsync(86_400_000);
    expect(isOver).not.toHaveBeenCalled();
  });

  it("tells the work of a parent that aborts while it begins", async () => {
    const parent = new AbortController();
    const reason = new Error("the caller has gone");
    let seen: unknown;
    const result = withDeadline(1000, parent.signal, (signal) => {
      parent.abort(reason);
      seen = signal.reason;
      return "done all the same";
    });
    await expect(result).rejects.toBe(reason);
    expect(seen).toBe(reason);
  });

  it("rejects with the reason, whatever the work makes of the abort", async () => {
    const parent = new AbortController();
    const reason = new Error("the caller has gone");
    const result = withDeadline(
      1000,
      parent.signal,
      (signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("broken off")))),
    );
    parent.abort(reason);
    await expect(result).rejects.toBe(reason);
  });

  it("does not begin where the parent has aborted already", async () => {
    const work = jest.fn(() => "done");
    const reason = new Error("too late");
    await expect(withDeadline(1000, AbortSignal.abort(reason), work)).rejects.toBe(reason);
    expect(work).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it("rejects with what the work throws or rejects with", async () => {
    const error = new Error("broken");
    const thrown = withDeadline(1000, undefined, () => {
      throw error;
    });
    await expect(thrown).rejects.toBe(error);
    await expect(withDeadline(1000, undefined, () => Promise.reject(error))).rejects.toBe(error);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("lets a rejection that comes too late fall", async () => {
    const unhandled = jest.fn();
    process.on("unhandledRejection", unhandled);
    let fail = (_error: Error) => {};
    const result = withDeadline(10, undefined, () => new Promise((_, reject) => (fail = reject)));
    const rejected = expect(result).rejects.toThrow(DeadlineError);
    await jest.advanceTimersByTimeAsync(10);
    await rejected;
    fail(new Error("late"));
    jest.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("within", () => {
  const reason = new Error("the caller has gone");

  it("gives at once what is done at once, and lets go of the parent after all else", async () => {
    const parent = new AbortController();
    expect(within(1000, parent.signal, () => "at once")).toBe("at once");
    expect(await within(1000, parent.signal, async () => "done")).toBe("done");
    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(0);
  });

  it("does not begin for a parent that has aborted", async () => {
    const work = jest.fn();
    expect(() => within(1000, AbortSignal.abort(reason), work)).toThrow(reason);
    expect(work).not.toHaveBeenCalled();
  });

  it("rejects with the reason of a parent that aborts meanwhile, and tells the work", async () => {
    for (const when of ["while it begins", "later"]) {
      const parent = new AbortController();
      let signal: AbortSignal | undefined;
      const result = within(1000, parent.signal, (limit) => {
        ({ signal } = limit);
        if (when === "while it begins") parent.abort(reason);
        return never();
      });
      parent.abort(reason);
      expect(signal?.reason).toBe(reason);
      await expect(result).rejects.toBe(reason);
    }
  });

  it("fails though the work is done at once, where its parent aborted meanwhile", () => {
    const parent = new AbortController();
    const work = () => {
      parent.abort(reason);
      return "done all the same";
    };
    expect(() => within(1000, parent.signal, work)).toThrow(reason);
  });

  it("rejects when time is up", async () => {
    const result = within(1000, new AbortController().signal, () => never());
    jest.advanceTimersByTime(1000);
    await expect(result).rejects.toBeInstanceOf(DeadlineError);
  });
});
