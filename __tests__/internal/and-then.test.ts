import { andThen } from "../../lib/internal/and-then";

it("goes on at once with what is there, and later with what comes", async () => {
  const double = (value: number) => value * 2;
  expect(andThen(2, double)).toBe(4);
  await expect(andThen(Promise.resolve(2), double)).resolves.toBe(4);
});
