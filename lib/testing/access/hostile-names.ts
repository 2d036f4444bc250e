import { KIB } from "../../internal/byte-sizes";

const LONG = 64 * KIB;

/** Names that an object used as a table would know, and others that nobody has given out. */
export const HOSTILE_NAMES: readonly string[] = [
  "",
  " ",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "true",
  "0",
  "*",
  "' OR '1'='1",
  "../../etc/passwd",
  "\u0000",
  "\ud800",
  "x".repeat(LONG),
];
