import { createLine } from "../../../lib/providers/automatic1111/line";

const alive = () => new AbortController().signal;

/** Enters, and keeps the places that were told. */
function enter(line: ReturnType<typeof createLine>, signal = alive()) {
  const places: number[] = [];
  return { places, turn: line.enter(signal, (place) => void places.push(place)) };
}

describe("a line", () => {
  it("lets the first through at once and tells it no place", async () => {
    const line = createLine();
    const first = enter(line);
    await first.turn;
    expect(first.places).toEqual([]);
    expect([line.length(), line.waiting()]).toEqual([1, 0]);
  });

  it("lets one at a time through, in order, and tells the others how they move up", async () => {
    const line = createLine();
    const order: string[] = [];
    const [a, b, c] = [enter(line), enter(line), enter(line)];
    void b.turn.then(() => order.push("b"));
    void c.turn.then(() => order.push("c"));
    expect([line.length(), line.waiting()]).toEqual([3, 2]);
    (await a.turn)();
    const leaveB = await b.turn;
    expect(order).toEqual(["b"]);
    expect(c.places).toEqual([2, 1]);
    leaveB();
    (await c.turn)();
    expect(order).toEqual(["b", "c"]);
    expect(line.length()).toBe(0);
  });

  it("lets go of whoever aborts while waiting, and the others move up", async () => {
    const line = createLine();
    const controller = new AbortController();
    const reason = new Error("left");
    const [a, b, c] = [enter(line), enter(line, controller.signal), enter(line)];
    controller.abort(reason);
    await expect(b.turn).rejects.toBe(reason);
    expect(c.places).toEqual([2, 1]);
    (await a.turn)();
    (await c.turn)();
    expect(line.length()).toBe(0);
  });

  it("lets nobody in who has aborted already", async () => {
    const line = createLine();
    await expect(enter(line, AbortSignal.abort(new Error("left"))).turn).rejects.toThrow("left");
    expect(line.length()).toBe(0);
  });

  it("ends a turn once, however often its end is told", async () => {
    const line = createLine();
    const [a, b, c] = [enter(line), enter(line), enter(line)];
    const leave = await a.turn;
    leave();
    leave();
    await b.turn;
    expect(line.waiting()).toBe(1);
    expect(c.places).toEqual([2, 1]);
  });

  it("does not hold an abort that comes after the turn", async () => {
    const line = createLine();
    const controller = new AbortController();
    const [a, b, c] = [enter(line), enter(line, controller.signal), enter(line)];
    (await a.turn)();
    const leave = await b.turn;
    controller.abort();
    expect(line.waiting()).toBe(1);
    leave();
    await c.turn;
  });
});
