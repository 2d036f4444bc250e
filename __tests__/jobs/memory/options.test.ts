import { memoryJobs } from "express-image-gateway/jobs/memory";

describe("the options of memoryJobs", () => {
  const refused: [options: object, message: RegExp][] = [
    [{ maxRunning: 0 }, /"maxRunning" must be a whole number of at least 1\. Correct or leave it out/],
    [{ maxQueued: -1 }, /"maxQueued" must be a whole number of at least 0/],
    [{ maxKept: 1.5 }, /"maxKept" must be a whole number of at least 1/],
    [{ ttlSeconds: Number.NaN }, /"ttlSeconds" must be a whole number of at least 1/],
    [
      { maxRuning: 3 },
      /memoryJobs: option 'maxRuning' is unknown; did you mean 'maxRunning'\? Known: maxRunning, maxQueued, maxKept, ttlSeconds, clock/,
    ],
  ];
  it.each(refused)("refuse %p by name and say the remedy", (options, message) => {
    expect(() => memoryJobs(options)).toThrow(message);
    expect(() => memoryJobs(options)).toThrow(TypeError);
  });

  it("refuse a clock that is no function", () => {
    const options: object = { clock: 5 };
    expect(() => memoryJobs(options)).toThrow(/"clock" must be a function/);
  });

  it("may all be left out", () => {
    expect(() => memoryJobs()).not.toThrow();
  });
});
