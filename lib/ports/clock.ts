/** Wall-clock time in epoch milliseconds; injected where a test must turn it. */
export type Clock = () => number;
