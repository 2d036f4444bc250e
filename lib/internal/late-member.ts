/**
 * A member that is worked out each time that it is asked for, and else is one like any other: it goes along where an object is copied, wrapped or
 * inherited from, and can be replaced.
 *
 * For what goes to code of the host. All objects have the getter in common: V8 takes objects with getters of their own for as many kinds of
 * objects, and every look at a member of one costs a hundred times as much.
 */
export function lateMember(name: string): (object: object, read: () => unknown) => void {
  const reader = Symbol(name);
  interface Read {
    readonly [reader]: () => unknown;
  }
  const late: PropertyDescriptor & ThisType<Read> = {
    configurable: true,
    enumerable: true,
    get() {
      return this[reader]();
    },
    set(value: unknown) {
      Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
    },
  };
  return (object, read) => {
    Object.defineProperty(object, reader, { value: read });
    Object.defineProperty(object, name, late);
  };
}
