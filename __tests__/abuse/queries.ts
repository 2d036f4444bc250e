import fc from "fast-check";

import { PROTOTYPE_NAMES } from "./bodies";

const names = fc.constantFrom(
  "limit",
  "limit",
  "after",
  "order",
  "exp",
  "kid",
  "type",
  "sig",
  "previews",
  "status",
  "api_base",
  "",
  "%00",
  "%zz",
  ...PROTOTYPE_NAMES,
);

const brackets = fc.constantFrom(
  "",
  "",
  "",
  "[]",
  "[0]",
  "[99999999]",
  "[$ne]",
  "[__proto__][polluted]",
  "[constructor][prototype][polluted]",
  "[a][b]",
  "[a]".repeat(40),
  "[",
  "]",
  "%5B%5D",
  "%5b__proto__%5d",
  ".a.b",
);

const values = fc.oneof(
  fc.constantFrom(
    ..."0 1 20 100 101 -1 1.5 1e1 0x10 NaN Infinity 999999999 9999999999 +5 %205 5%00 asc desc ASC".split(
      " ",
    ),
    "",
    "true",
    "%ff",
    "%",
    "%u0041",
    "imgjob_",
    `imgjob_${"0".repeat(32)}`,
    "__proto__",
    "a&b",
    "a;b",
    "a".repeat(3_000),
    "%F0%9F%98%80",
    "[]",
    "{}",
  ),
  fc.stringMatching(/^[!-~]{0,20}$/),
);

const parameter = fc
  .tuple(names, brackets, fc.constantFrom("=", "=", "=", "", "=="), values)
  .map(([name, bracket, equals, value]) => name + bracket + equals + (equals === "" ? "" : value));

/** A query with or without sense: parameters once, many times, bracketed and nested. */
export const anyQuery = fc.oneof(
  { weight: 8, arbitrary: fc.array(parameter, { maxLength: 5 }).map((all) => all.join("&")) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(parameter, fc.constantFrom(2, 30, 1_001))
      .map(([each, times]) => Array(times).fill(each.slice(0, 10)).join("&")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("?", "&&&&", "=", "=&=", "#", "%", "?limit=5", "&limit=5&limit=5"),
  },
);
