/** The way to a value: keys of objects and places in arrays. */
export type JsonPath = readonly (string | number)[];

/** Places in a JSON text; `null` stands for every place of an array. */
export type JsonPattern = readonly (string | null)[];

/** Does one of the patterns lead here? */
export const leadsTo = (patterns: readonly JsonPattern[], path: JsonPath): boolean =>
  patterns.some((pattern) => pattern.length === path.length && beginsWith(pattern, path));

/** Does one of them lead here, or further on from here? */
export const liesOnTheWay = (patterns: readonly JsonPattern[], path: JsonPath): boolean =>
  patterns.some((pattern) => pattern.length >= path.length && beginsWith(pattern, path));

const beginsWith = (pattern: JsonPattern, path: JsonPath): boolean =>
  path.every((step, at) => (pattern[at] === null ? typeof step === "number" : pattern[at] === step));
