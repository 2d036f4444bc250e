import { atTime } from "../../lib/realtime/expiry";

const START = Date.UTC(2030, 0, 1);
const DAY = 86_400_000;

beforeEach(() => void jest.useFakeTimers({ now: START }));
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe("atTime", () => {
  it("runs once, at that time", () => {
    const run = jest.fn();
    atTime(new Date(START + 90_000), run);
    jest.advanceTimersByTime(89_999);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("waits longer than a timer can hold", () => {
    const run = jest.fn();
    atTime(new Date(START + 40 * DAY), run);
    jest.advanceTimersByTime(40 * DAY - 1);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("notices within a minute that the clock was set forward", () => {
    const run = jest.fn();
    atTime(new Date(START + DAY), run);
    jest.setSystemTime(START + 2 * DAY);
    jest.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["has passed", new Date(START - 1)],
    ["is no time", new Date(Number.NaN)],
  ])("runs in the next turn for a time that %s", (_, time) => {
    const run = jest.fn();
    atTime(time, run);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("can be called off", () => {
    const run = jest.fn();
    const stop = atTime(new Date(START + 90_000), run);
    jest.advanceTimersByTime(70_000);
    stop();
    jest.advanceTimersByTime(DAY);
    expect(run).not.toHaveBeenCalled();
  });
});
