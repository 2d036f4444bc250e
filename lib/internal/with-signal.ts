import type { TimeLimit } from "./deadline";

/** The members, and `signal`, which is made when it is first asked for. Spreading or destructuring it asks. */
export const withSignal = <T extends object>(
  members: T,
  limit: TimeLimit,
): T & { readonly signal: AbortSignal } => Object.assign(new Limited(limit), members);

/** One getter for all: V8 takes objects with getters of their own for as many kinds of objects. */
class Limited {
  declare readonly signal: AbortSignal;
  readonly #limit: TimeLimit;

  constructor(limit: TimeLimit) {
    this.#limit = limit;
    Object.defineProperty(this, "signal", Limited.#signal);
  }

  static readonly #signal: PropertyDescriptor & ThisType<Limited> = {
    enumerable: true,
    get() {
      return this.#limit.signal;
    },
  };
}
