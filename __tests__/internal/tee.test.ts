import { tee } from "../../lib/internal/tee";

async function* numbers(state: { read: number; isLeft: boolean }, failure?: Error) {
  try {
    for (let value = 1; value <= 5; value += 1) {
      state.read = value;
      yield value;
    }
    if (failure !== undefined) throw failure;
  } finally {
    state.isLeft = true;
  }
}
const started = () => ({ read: 0, isLeft: false });
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function read(source: AsyncIterable<number>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const values: number[] = [];
  for await (const value of source) {
    values.push(value);
    if (values.length === most) break;
  }
  return values;
}

it("gives everything to both", async () => {
  const [one, other] = tee(numbers(started()));
  expect(await Promise.all([read(one.taken), read(other.taken)])).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
});

it("waits for the slower one", async () => {
  const state = started();
  const [one] = tee(numbers(state));
  void read(one.taken);
  await settled();
  expect(state.read).toBe(1);
});

it.each([0, 2])("goes on for one when the other leaves after %i", async (most) => {
  const [one, other] = tee(numbers(started()));
  if (most === 0) other.leave();
  const reading = most === 0 ? [] : read(other.taken, most);
  expect(await read(one.taken)).toEqual([1, 2, 3, 4, 5]);
  expect(await reading).toHaveLength(most);
});

it("leaves the source when both have left", async () => {
  const state = started();
  const [one, other] = tee(numbers(state));
  await Promise.all([read(one.taken, 1), read(other.taken, 2)]);
  await settled();
  expect(state).toEqual({ read: 2, isLeft: true });
});

it("breaks for both", async () => {
  const failure = new Error("broken");
  const [one, other] = tee(numbers(started(), failure));
  const results = await Promise.allSettled([read(one.taken), read(other.taken)]);
  expect(results).toEqual([
    { status: "rejected", reason: failure },
    { status: "rejected", reason: failure },
  ]);
});
