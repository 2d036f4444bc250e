import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";

import { lateMember } from "../../lib/internal/late-member";

class Example {
  declare readonly late: number;
  readonly plain = 1;

  constructor(read: () => number) {
    defineLate(this, read);
  }
}
const defineLate = lateMember("late");

const example = () => {
  let asked = 0;
  return new Example(() => (asked += 1));
};

it("is worked out each time that it is asked for", () => {
  const made = example();
  expect([made.late, made.late]).toEqual([1, 2]);
  expect(Object.keys(made).sort()).toEqual(["late", "plain"]);
});

it("goes along where an object is copied, wrapped or inherited from", () => {
  expect({ ...example() }).toEqual({ plain: 1, late: 1 });
  expect(Object.assign({}, example()).late).toBe(1);
  expect(new Proxy(example(), {}).late).toBe(1);
  expect(Object.create(example()).late).toBe(1);
});

it("may be replaced, by assignment and by definition", () => {
  const [assigned, defined, heir] = [example(), example(), Object.create(example())];
  Reflect.set(assigned, "late", 7);
  Object.defineProperty(defined, "late", { value: 7 });
  heir.late = 7;
  expect([assigned.late, defined.late, heir.late, Object.getPrototypeOf(heir).late]).toEqual([7, 7, 7, 1]);
  expect({ ...assigned }).toEqual({ plain: 1, late: 7 });
});

it("leaves objects of one kind to V8", () => {
  setFlagsFromString("--allow-natives-syntax");
  const haveSameMap: (a: object, b: object) => boolean = runInThisContext("(a, b) => %HaveSameMap(a, b)");
  haveSameMap({}, {});
  setFlagsFromString("--no-allow-natives-syntax");
  expect(haveSameMap(example(), example())).toBe(true);
});
