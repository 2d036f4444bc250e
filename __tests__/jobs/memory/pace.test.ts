import { createPace } from "../../../lib/jobs/memory/pace";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("a pace", () => {
  it("works at once when it has been quiet, and once for all who asked in the pause", () => {
    const work = jest.fn();
    const pace = createPace(100, work);
    pace.ask();
    pace.ask();
    jest.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledTimes(1);
    pace.ask();
    pace.ask();
    jest.advanceTimersByTime(98);
    expect(work).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(2);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it("does nothing more when it was stopped", () => {
    const work = jest.fn();
    const pace = createPace(100, work);
    pace.ask();
    pace.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});
