import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Roster } from "../../lib/internal/roster";

it("is a Map of who is there", () => {
  const roster = new Roster<string, number>();
  roster.set("a", 1);
  roster.set("b", 2);
  roster.set("a", 3);
  expect(roster.get("a")).toBe(3);
  expect(roster.size).toBe(2);
  expect(roster.delete("a")).toBe(true);
  expect(roster.delete("a")).toBe(false);
  expect(roster.get("a")).toBeUndefined();
  roster.set("a", 4);
  expect([...roster.keys()]).toEqual(["b", "a"]);
  expect(roster.values()).toEqual([2, 4]);
  roster.clear();
  expect(roster.size).toBe(0);
  expect(roster.values()).toEqual([]);
});

it("takes values that leave while they are gone through", () => {
  const roster = new Roster<string, string>();
  for (const name of ["a", "b", "c"]) roster.set(name, name);
  for (const name of roster.values()) roster.delete(name);
  expect(roster.size).toBe(0);
});

/** How many come and go. */
const ALL = 2_000;
/** So many of them are collected so often that they grow old themselves; and so does a table of V8's: each keeps the next one from then on. */
const FIRST = 200;
const AT_ONCE = 16;
const VALUE_BYTES = 8 * 1024;

/** Collects what is young only, as V8 does all the time. */
function minorGc(): void {
  setFlagsFromString("--expose-gc");
  const gc: (options: { type: "minor" }) => void = runInNewContext("gc");
  gc({ type: "minor" });
}

it("does not keep values that have left, as a Map does", () => {
  const roster = new Roster<number, ArrayBuffer>();
  const before = process.memoryUsage().arrayBuffers;
  for (let key = 0; key < ALL; key += 1) {
    roster.set(key, new ArrayBuffer(VALUE_BYTES));
    roster.delete(key - AT_ONCE);
    if (key % (key < FIRST ? 4 : 40) === 0) minorGc();
  }
  minorGc();
  const left = (process.memoryUsage().arrayBuffers - before) / VALUE_BYTES;
  expect(left).toBeLessThan(2 * FIRST);
});
