import { Patience } from "../../lib/internal/patience";

describe("Patience", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function patience(totalMs: number) {
    const ends: string[] = [];
    const limit = new Patience(totalMs, (isTotal) => ends.push(isTotal ? "all" : "one"));
    return { limit, ends };
  }

  it("ends a wait that takes too long", () => {
    const { limit, ends } = patience(1_000);
    limit.wait(100);
    jest.advanceTimersByTime(99);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual(["one"]);
    jest.advanceTimersByTime(10_000);
    expect(ends).toEqual(["one"]);
  });

  it("begins anew with each wait, be it shorter or longer than the last", () => {
    const { limit, ends } = patience(1_000);
    limit.wait(100);
    jest.advanceTimersByTime(90);
    limit.wait(100);
    jest.advanceTimersByTime(90);
    expect(ends).toEqual([]);
    limit.wait(20);
    jest.advanceTimersByTime(19);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual(["one"]);
  });

  it("ends when all waits together take too long, what lies between them left out", () => {
    const { limit, ends } = patience(100);
    limit.wait(500);
    jest.advanceTimersByTime(60);
    limit.rest();
    jest.advanceTimersByTime(1_000);
    limit.wait(500);
    jest.advanceTimersByTime(39);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual(["all"]);
  });

  it("ends at once where nothing is left", () => {
    const { limit, ends } = patience(100);
    limit.wait(50);
    jest.advanceTimersByTime(40);
    limit.wait(100);
    jest.advanceTimersByTime(60);
    expect(ends).toEqual(["all"]);
  });

  it("says nothing while nobody waits, and lets its timer go", () => {
    const { limit, ends } = patience(100);
    limit.rest();
    limit.wait(50);
    limit.rest();
    limit.rest();
    jest.advanceTimersByTime(1_000);
    expect(ends).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind at its end", () => {
    const { limit } = patience(100);
    limit.wait(50);
    limit.end();
    expect(jest.getTimerCount()).toBe(0);
  });
});
