import type { Logger } from "../../lib/ports";
import { Sweeping } from "../../lib/stores/sweeping";

const MINUTE = 60_000;

const loggerWith = (warn: Logger["warn"]): Logger => ({ debug() {}, info() {}, warn, error() {} });

describe("sweeping", () => {
  beforeEach(() => jest.useFakeTimers());

  afterEach(() => jest.useRealTimers());

  it("happens once a minute", async () => {
    const sweep = jest.fn(async () => {});
    const sweeping = new Sweeping(sweep, undefined);
    await jest.advanceTimersByTimeAsync(3 * MINUTE - 1);
    expect(sweep).toHaveBeenCalledTimes(2);
    await sweeping.stop();
  });

  it("does not begin anew while one is under way, and stops when that has ended", async () => {
    let end = () => {};
    const sweep = jest.fn(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const sweeping = new Sweeping(sweep, undefined);
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(sweep).toHaveBeenCalledTimes(1);
    const stopped = jest.fn();
    const stopping = sweeping.stop().then(stopped);
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(stopped).not.toHaveBeenCalled();
    end();
    await stopping;
    expect(jest.getTimerCount()).toBe(0);
  });

  it("says nothing of one that ends with it", async () => {
    let fail = (_error: Error) => {};
    const sweep = () =>
      new Promise<void>((_, reject) => {
        fail = reject;
      });
    const warn = jest.fn();
    const sweeping = new Sweeping(sweep, loggerWith(warn));
    await jest.advanceTimersByTimeAsync(MINUTE);
    const stopping = sweeping.stop();
    fail(new Error("closed"));
    await stopping;
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    [
      "the code",
      new Error("images lie in /secret", { cause: Object.assign(new Error(), { code: "EACCES" }) }),
      "EACCES",
    ],
    ["else the name", new Error("", { cause: Object.assign(new Error(), { name: "SlowDown" }) }), "SlowDown"],
    ["else nothing", undefined, undefined],
  ])("tells the logger of one that fails %s of its cause, and goes on", async (_what, error, code) => {
    const warn = jest.fn();
    const sweep = jest.fn(() => Promise.reject(error));
    const sweeping = new Sweeping(sweep, loggerWith(warn));
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(warn.mock.calls).toEqual(
      Array(2).fill([{ code }, expect.stringMatching(/^The image store could not/)]),
    );
    await sweeping.stop();
  });

  it("is not disturbed by a logger that throws", async () => {
    const sweep = jest.fn(() => Promise.reject(new Error("failed")));
    const sweeping = new Sweeping(
      sweep,
      loggerWith(() => {
        throw new Error("logger");
      }),
    );
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(sweep).toHaveBeenCalledTimes(2);
    await sweeping.stop();
  });
});
