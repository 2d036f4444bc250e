import type { Parameters } from "fast-check";

const LONG = process.env["LONG"] === "1";
const LONGER = 20;

/** Inputs of a property: `LONG=1` asks for many more. */
export const times = (runs: number): number => (LONG ? runs * LONGER : runs);

/** For properties, in milliseconds. */
export const PATIENCE = LONG ? 600_000 : 20_000;

/**
 * How a property is run. Every run draws anew and a failure prints its seed beside the smallest input found; `SEED` draws the same
 * again.
 */
export const drawn = <T>(runs: number): Parameters<T> => {
  const seed = process.env["SEED"];
  return { numRuns: times(runs), ...(seed === undefined ? {} : { seed: Number(seed) }) };
};
