import type { Stop } from "./stop";

/** The members, and `signal`, which is made when it is first asked for. Spreading or destructuring it asks. */
export const withSignal = <T extends object>(members: T, stop: Stop): T & { readonly signal: AbortSignal } =>
  Object.assign(new Stoppable(stop), members);

/** One getter for all: V8 takes objects with getters of their own for as many kinds of objects. */
class Stoppable {
  declare readonly signal: AbortSignal;
  readonly #stop: Stop;

  constructor(stop: Stop) {
    this.#stop = stop;
    Object.defineProperty(this, "signal", Stoppable.#signal);
  }

  static readonly #signal: PropertyDescriptor & ThisType<Stoppable> = {
    enumerable: true,
    get() {
      return this.#stop.signal;
    },
  };
}
