import { andThen } from "../../lib/internal/and-then";

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
