import fc from "fast-check";
import { createTurns } from "../../../lib/jobs/memory/turns";

function lined(...keys: string[]) {
  const turns = createTurns<string>();
  keys.forEach((key, index) => {
    turns.add(key, `${key}${index}`);
  });
  return turns;
}

const anyone = () => true;

describe("turns", () => {
  it("alternate between keys and keep the order within each", () => {
    const turns = lined("a", "a", "a", "b", "c", "b");
    const taken = Array.from({ length: 7 }, () => turns.take(anyone));
    expect(taken).toEqual(["a0", "b3", "c4", "a1", "b5", "a2", undefined]);
  });

  it("pass over a key that may not go, which keeps its turn", () => {
    const turns = lined("a", "b", "a", "b");
    expect(turns.take((item) => item.startsWith("b"))).toBe("b1");
    expect(turns.take(anyone)).toBe("a0");
  });

  it("let a key that comes back stand behind the others", () => {
    const turns = lined("a", "b", "b");
    turns.take(anyone);
    turns.add("a", "again");
    expect(turns.inOrder()).toEqual(["b1", "again", "b2"]);
  });

  it("forget an item that is removed, and a key without items", () => {
    const turns = lined("a", "b");
    turns.remove("a", "a0");
    turns.remove("a", "a0");
    turns.remove("nobody", "nothing");
    expect([turns.size, turns.sizeOf("a"), turns.inOrder()]).toEqual([1, 0, ["b1"]]);
  });

  it("show the order in which everybody will be taken, and the place of the last of each key", () => {
    const key = fc.constantFrom("a", "b", "c", "d");
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 20 }),
        fc.nat(8),
        fc.array(key, { maxLength: 8 }),
        (first, takes, more) => {
          const turns = lined(...first);
          for (let taken = 0; taken < takes; taken += 1) turns.take(anyone);
          more.forEach((each, index) => {
            turns.add(each, `${each} more ${index}`);
            expect(turns.inOrder()[turns.lastPlaceOf(each) - 1]).toBe(`${each} more ${index}`);
          });
          const shown = turns.inOrder();
          expect(turns.size).toBe(shown.length);
          expect(shown.map(() => turns.take(anyone))).toEqual(shown);
        },
      ),
    );
  });
});
