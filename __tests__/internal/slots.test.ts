import { Slots } from "../../lib/internal/slots";

const { signal } = new AbortController();

/** Work that ends when told. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void; isRunning(): boolean } {
  let running = false;
  const { promise, resolve } = withResolvers();
  return {
    work: () => {
      running = true;
      return promise;
    },
    end: resolve,
    isRunning: () => running,
  };
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe("slots", () => {
  it("let the next one in when one ends, in order of arrival", async () => {
    const slots = new Slots(1);
    const [first, second, third] = [held(), held(), held()];
    const runs = [first, second, third].map(({ work }) => slots.run(signal, work));
    expect([first, second, third].map((each) => each.isRunning())).toEqual([true, false, false]);
    first.end();
    await runs[0];
    expect([second, third].map((each) => each.isRunning())).toEqual([true, false]);
    second.end();
    third.end();
    await Promise.all(runs);
    expect(third.isRunning()).toBe(true);
  });

  it("are free again after a failure", async () => {
    const slots = new Slots(1);
    await expect(slots.run(signal, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    await expect(slots.run(signal, () => Promise.resolve("next"))).resolves.toBe("next");
  });

  it("skip work that nobody waits for any more", async () => {
    const slots = new Slots(1);
    const controller = new AbortController();
    const first = held();
    const gone = held();
    const running = slots.run(signal, first.work);
    const skipped = slots.run(controller.signal, gone.work);
    controller.abort(new Error("gone"));
    first.end();
    await running;
    await expect(skipped).rejects.toThrow("gone");
    expect(gone.isRunning()).toBe(false);
    await expect(slots.run(signal, () => Promise.resolve("next"))).resolves.toBe("next");
  });
});
