/**
 * A deep and deeply frozen copy of a JSON-safe object; members that are `undefined` are left out.
 *
 * A record must stay as it is whatever becomes of the objects it was made from.
 */
export const frozenCopy = <T extends object>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_key, each: unknown) => Object.freeze(each));
