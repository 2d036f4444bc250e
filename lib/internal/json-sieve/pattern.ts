/** The way to a value: keys of objects and places in arrays. */
export type JsonPath = readonly (string | number)[];

/** Places in a JSON text; `null` stands for every place of an array. */
export type JsonPattern = readonly (string | null)[];
