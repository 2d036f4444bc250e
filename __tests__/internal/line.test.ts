import { createLine } from "../../lib/internal/line";

/** What has become of a promise by now. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const pending = Symbol();
  for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  return Promise.race([promise, Promise.resolve(pending)]).then(
    (value) => (value === pending ? "waits" : "is done"),
    () => "failed",
  );
}

it("gives what was put, in order, and then its end", async () => {
  const line = createLine<number>();
  line.put(1);
  line.put(2);
  line.end();
  expect([await line.take(), await line.take(), await line.take(), await line.take()]).toEqual([
    1,
    2,
    undefined,
    undefined,
  ]);
});

it("lets its taker wait for what comes later", async () => {
  const line = createLine<number>();
  const taken = line.take();
  expect(await stateOf(taken)).toBe("waits");
  line.put(1);
  expect(await taken).toBe(1);
  const last = line.take();
  line.end();
  expect(await last).toBeUndefined();
});

it("lets its putter wait until all is taken", async () => {
  const line = createLine<number>();
  await line.emptied();
  line.put(1);
  line.put(2);
  const emptied = line.emptied();
  await line.take();
  expect(await stateOf(emptied)).toBe("waits");
  await line.take();
  await emptied;
});

it("breaks off behind what came before", async () => {
  const line = createLine<number>();
  line.put(1);
  line.end(new Error("broken"));
  line.end(new Error("an echo"));
  line.put(2);
  expect(await line.take()).toBe(1);
  await expect(line.take()).rejects.toThrow("broken");
});

it("keeps nothing for a taker that has left, and nobody waiting for him", async () => {
  const line = createLine<number>();
  line.put(1);
  const emptied = line.emptied();
  line.leave();
  await emptied;
  line.put(2);
  await line.emptied();
});
