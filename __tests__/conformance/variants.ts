/**
 * The first of several upstreams that one adapter speaks to; `LONG=1` takes all of them. What is peculiar to the others has tests of its own
 * beside the adapter.
 */
export const theFirst = <T>(variants: readonly T[]): readonly T[] =>
  process.env["LONG"] === "1" ? variants : variants.slice(0, 1);
