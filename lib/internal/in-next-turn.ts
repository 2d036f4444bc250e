import timers from "node:timers";

/**
 * Calls back in the next turn of the event loop. Taken when the package is loaded: a fake clock that a host's tests put in its place later would have to be
 * turned for every request.
 */
export const { setImmediate: inNextTurn } = timers;
