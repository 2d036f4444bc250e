/** The way to a value: keys of objects and places in arrays. */
export type JsonPath = readonly (string | number)[];

/** Places in a JSON text; `null` stands for every place of an array. */
export type JsonPattern = readonly (string | null)[];

/** Does one of the patterns lead here? */
export const leadsTo = (patterns: readonly JsonPattern[], path: JsonPath): boolean =>
  patterns.some(
    (pattern) =>
      pattern.length === path.length &&
      pattern.every((step, at) => (step === null ? typeof path[at] === "number" : step === path[at])),
  );
