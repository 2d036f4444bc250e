/** An object as JSON has it: every member has to be looked at before it is used. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member if `value` is an object that has it itself. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A member that is an object; else one without members. */
export function objectMember(value: unknown, name: string): JsonObject {
  const inner = member(value, name);
  return isObject(inner) ? inner : {};
}

/** A member that is a list; else an empty one. */
export function listMember(value: unknown, name: string): readonly unknown[] {
  const inner: unknown = member(value, name);
  return Array.isArray(inner) ? inner : [];
}

/** A member that is a string with something in it. */
export function textMember(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A member that is a finite number. */
export function numberMember(value: unknown, name: string): number | undefined {
  const number = member(value, name);
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A member that is a whole number from 0. */
export function countMember(value: unknown, name: string): number | undefined {
  const count = numberMember(value, name);
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** The text as JSON; `undefined` when it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
