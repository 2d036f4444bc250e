/** The same members; those that may be `undefined` may be absent instead. */
export type Defined<T> = {
  [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name];
} & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};

/**
 * The members that are there: those that are `undefined` are left out. Spreading an object or none for each would take twenty times as
 * long.
 */
export function defined<const T extends object>(members: T): Defined<T>;
export function defined(members: Readonly<Record<string, unknown>>): object {
  const there: Record<string, unknown> = {};
  for (const name in members) {
    const member = members[name];
    if (member !== undefined) there[name] = member;
  }
  return there;
}
