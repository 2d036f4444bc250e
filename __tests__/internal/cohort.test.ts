import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { Cohort } from "../../lib/internal/cohort";

/** Goes on in three steps when its cohort goes, and writes each of them down. */
async function walk(cohort: Cohort, name: string, steps: string[]): Promise<void> {
  await new Promise<void>((resolve) => cohort.join(resolve));
  for (const step of [1, 2, 3]) {
    steps.push(`${name}${step}`);
    await null;
  }
}

it("lets those that came together take each step together", async () => {
  const cohort = new Cohort();
  const steps: string[] = [];
  await Promise.all(["a", "b", "c"].map((name) => walk(cohort, name, steps)));
  expect(steps).toEqual(["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]);
});

it("calls nobody before `join` has returned, and each once", async () => {
  const cohort = new Cohort();
  const go = jest.fn();
  cohort.join(go);
  expect(go).not.toHaveBeenCalled();
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(go).toHaveBeenCalledTimes(1);
});

it("goes when a turn has brought nobody new", async () => {
  const cohort = new Cohort();
  const go = jest.fn();
  cohort.join(go);
  await turn();
  expect(go).not.toHaveBeenCalled();
  await turn();
  expect(go).toHaveBeenCalledTimes(1);
});

it("waits for those who still come, but not for ever", async () => {
  const cohort = new Cohort();
  const gone: number[] = [];
  for (let number = 0; gone.length === 0; number += 1) {
    cohort.join(() => gone.push(number));
    await turn();
  }
  expect(gone).toEqual([0, 1, 2, 3]);
});

it("goes at once when there are many, and lets only so many go together", async () => {
  const cohort = new Cohort();
  const gone: number[] = [];
  for (let number = 0; number < 70; number += 1) cohort.join(() => gone.push(number));
  const sizes: number[] = [];
  while (gone.length < 70) {
    const before = gone.length;
    await turn();
    if (gone.length > before) sizes.push(gone.length - before);
  }
  expect(gone).toEqual(Array.from({ length: 70 }, (_, number) => number));
  expect(sizes).toEqual([32, 32, 6]);
});

it("takes who joins while others go into the next cohort", async () => {
  const cohort = new Cohort();
  const again = new Promise<string>((resolve) => {
    cohort.join(() => cohort.join(() => resolve("the next")));
  });
  expect(await again).toBe("the next");
});

it("goes on under fake clocks of a host's tests", async () => {
  const go = jest.fn();
  const realTurn = turn;
  jest.useFakeTimers();
  mock.timers.enable({ apis: ["setImmediate"] });
  try {
    new Cohort().join(go);
    for (let turns = 0; turns < 10; turns += 1) await realTurn();
  } finally {
    mock.timers.reset();
    jest.useRealTimers();
  }
  expect(go).toHaveBeenCalledTimes(1);
});
