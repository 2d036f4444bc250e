import { Countdown } from "../../lib/transport/countdown";

describe("Countdown", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("ends after the time it ran, pauses left out", () => {
    const onEnd = jest.fn();
    const countdown = new Countdown(100, onEnd);
    countdown.run();
    jest.advanceTimersByTime(60);
    countdown.pause();
    jest.advanceTimersByTime(1_000);
    countdown.run();
    jest.advanceTimersByTime(39);
    expect(onEnd).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it("may be run and paused again at any time", () => {
    const onEnd = jest.fn();
    const countdown = new Countdown(100, onEnd);
    countdown.pause();
    countdown.run();
    jest.advanceTimersByTime(50);
    countdown.run();
    jest.advanceTimersByTime(50);
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind when paused", () => {
    const countdown = new Countdown(100, jest.fn());
    countdown.run();
    countdown.pause();
    countdown.pause();
    expect(jest.getTimerCount()).toBe(0);
  });
});
