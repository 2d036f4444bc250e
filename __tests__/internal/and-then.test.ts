import { andThen, unlessFailed } from "../../lib/internal/and-then";

it("goes on at once with what is there, and later with what comes", async () => {
  const double = (value: number) => value * 2;
  expect(andThen(2, double)).toBe(4);
  await expect(andThen(Promise.resolve(2), double)).resolves.toBe(4);
});

it("takes for a promise what `await` would, whatever its `then` returns", async () => {
  const double = (value: number) => value * 2;
  const then = (resolve: (value: number) => void) => resolve(2);
  const thenables: unknown[] = [{ then }, Object.assign(() => 0, { then })];
  for (const thenable of thenables)
    await expect(andThen(thenable as Promise<number>, double)).resolves.toBe(4);
  expect(andThen(JSON.parse('{"then":1}'), Object.keys)).toEqual(["then"]);
});

describe("unlessFailed", () => {
  const failed = (error: unknown) => `after ${error}`;

  it("gives at once what is there at once, also instead of a failure", () => {
    expect(unlessFailed(() => "done", failed)).toBe("done");
    const work = (): string => {
      throw "a throw";
    };
    expect(unlessFailed(work, failed)).toBe("after a throw");
  });

  it("waits for what takes its time, and then gives it or what becomes of its failure", async () => {
    expect(await unlessFailed(async () => "done", failed)).toBe("done");
    expect(await unlessFailed(() => Promise.reject("a rejection"), failed)).toBe("after a rejection");
  });

  it("fails where what is to become of a failure fails", async () => {
    const again = (error: unknown) => {
      throw new Error(`again: ${error}`);
    };
    await expect(unlessFailed(() => Promise.reject("no"), again)).rejects.toThrow("again: no");
    expect(() =>
      unlessFailed(() => {
        throw "no";
      }, again),
    ).toThrow("again: no");
  });
});
