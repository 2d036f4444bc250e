import { shortened } from "../../lib/internal/shortened";

it.each([
  ["", 3, ""],
  ["abc", 3, "abc"],
  ["abcd", 3, "ab…"],
  ["a🦊c", 3, "a\uFFFD…"],
  ["a🦊cd", 4, "a🦊…"],
])("%j at %i is %j", (text, most, shown) => {
  expect(shortened(text, most)).toBe(shown);
});
