/** What a server says of itself when it listens. */
export interface Listening {
  readonly port: number;
}
export const LISTENING: Listening = { port: 0 };

/** What a process has used between the questions `begin` and `end`. */
export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** Resident memory at the beginning. */
  readonly baselineBytes: number;
  /** The most resident memory in between. */
  readonly peakBytes: number;
  /** The longest time that its event loop did not turn. */
  readonly stallMs: number;
}
export const USAGE: Usage = { cpuMs: 0, baselineBytes: 0, peakBytes: 0, stallMs: 0 };

/** What the load generator is to do. */
export interface Work {
  readonly port: number;
  readonly shape: string;
  readonly inFlight: number;
  readonly count: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}
export const WORK: Work = { port: 0, shape: "", inFlight: 0, count: 0, headers: [""] };

/** What came of it. */
export interface Tally {
  /** Answers that came whole and right. */
  readonly done: number;
  readonly seconds: number;
  /** From sending a request to the first byte of the answer's body; the median. */
  readonly firstByteMs: number;
  /** From sending a request to the end of its first, second, … picture; the medians. */
  readonly pictureMs: readonly number[];
  /** Where pictures are that were told of by their address; a sample. */
  readonly addresses: readonly string[];
  /** What was wrong with the first answer that was; empty: nothing. */
  readonly failure: string;
}
export const TALLY: Tally = {
  done: 0,
  seconds: 0,
  firstByteMs: 0,
  pictureMs: [0],
  addresses: [""],
  failure: "",
};

/** Is the value made like the pattern? Of an array, each item must be like the pattern's first. */
export function isLike<T>(pattern: T, value: unknown): value is T {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && value.every((item) => isLike(pattern[0], item));
  }
  if (typeof pattern !== "object" || pattern === null) return typeof value === typeof pattern;
  if (typeof value !== "object" || value === null) return false;
  const members = new Map(Object.entries(value));
  return Object.entries(pattern).every(([name, example]) => isLike(example, members.get(name)));
}
