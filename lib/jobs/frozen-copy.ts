/**
 * A deep and deeply frozen copy of a JSON-safe object, as if it had been through JSON: members that are `undefined` are left out, and a
 * number that is none is `null`. JSON itself would take ten times as long.
 *
 * A record must stay as it is whatever becomes of the objects it was made from.
 */
export function frozenCopy<T>(value: T): T;
export function frozenCopy(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((each: unknown) => frozenCopy(each)));
  // What is no plain object is what JSON makes of it.
  if (!isPlain(value)) return frozenCopy<unknown>(JSON.parse(JSON.stringify(value)));
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const each: unknown = Reflect.get(value, name);
    if (each === undefined) continue;
    if (name === "__proto__")
      Object.defineProperty(copy, name, { value: frozenCopy(each), enumerable: true });
    else copy[name] = frozenCopy(each);
  }
  return Object.freeze(copy);
}

/** In every realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
