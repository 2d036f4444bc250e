import { describeError } from "../core/describe-error";
import type { Logger } from "../ports";

/** A listener or timer that cannot take the process down: what it throws goes to the log. */
export function guarded<A extends readonly unknown[]>(
  log: Logger,
  run: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      log.error(describeError(error), "an unexpected error in the realtime room");
    }
  };
}
