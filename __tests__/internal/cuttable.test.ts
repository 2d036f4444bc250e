import { Cuttable } from "../../lib/internal/cuttable";
import { forEach } from "../../lib/internal/supply";
import { Hanging } from "../support/bursts";

function source() {
  const state = { isLeft: false };
  async function* values() {
    try {
      yield 1;
      yield 2;
      await new Promise(() => {});
    } finally {
      state.isLeft = true;
    }
  }
  return { state, values: values() };
}
const reason = new Error("cut");

it("hands on what comes, and is left like any other", async () => {
  const { state, values } = source();
  for await (const value of new Cuttable(values)) if (value === 2) break;
  expect(state.isLeft).toBe(true);
});

it("fails as soon as it is cut, though the source hangs, and from then on", async () => {
  const { values } = source();
  const taken = new Cuttable(values);
  expect([await taken.next(), await taken.next()]).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
  const third = taken.next();
  taken.cut(reason);
  taken.cut(new Error("again"));
  await expect(third).rejects.toBe(reason);
  await expect(taken.next()).rejects.toBe(reason);
  expect(await taken.return()).toEqual({ done: true, value: undefined });
});

it("fails as soon as it is cut, though it was only waited for that something comes", async () => {
  const source = new Hanging([1, 2]);
  const taken = new Cuttable(source);
  const seen: number[] = [];
  const reading = forEach(taken, (value) => void seen.push(value));
  await source.isWaitedFor;
  taken.cut(reason);
  await expect(reading).rejects.toBe(reason);
  expect(seen).toEqual([1, 2]);
  expect(taken.atHand()).toBeUndefined();
});
