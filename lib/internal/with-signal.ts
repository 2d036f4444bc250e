import { lateMember } from "./late-member";
import type { Stop } from "./stop";

/** The members, and `signal`, which is made when it is first asked for. Spreading or destructuring it asks. */
export const withSignal = <T extends object>(members: T, stop: Stop): T & { readonly signal: AbortSignal } =>
  Object.assign(new Stoppable(stop), members);

const defineSignal = lateMember("signal");

class Stoppable {
  declare readonly signal: AbortSignal;

  constructor(stop: Stop) {
    defineSignal(this, () => stop.signal);
  }
}
