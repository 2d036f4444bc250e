import { lazily } from "../../lib/internal/lazily";

it("makes it at the first need, once", async () => {
  const thing = lazily<number>();
  expect(thing.made()).toBeUndefined();
  let times = 0;
  const make = async () => {
    times += 1;
    return times;
  };
  expect(await Promise.all([thing.get(make), thing.get(make)])).toEqual([1, 1]);
  expect(await thing.made()).toBe(1);
});
