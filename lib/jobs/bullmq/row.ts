import type { JobRecord } from "../../ports";
import { isTerminal } from "../../ports";

/** A record as it was read, and what must be known to write the next one. */
export interface Row {
  readonly record: JobRecord;
  readonly rev: number;
  /** Its runner was told to stop. */
  readonly isStopped: boolean;
  /** Epoch milliseconds; still waiting then: it is too late. */
  readonly startBy: number;
  /** Removed, and kept only until its webhook has heard of its end. */
  readonly isGone: boolean;
}

/** The next state of a job. */
export interface Step {
  readonly record: JobRecord;
  /** `claim` and `begin` put it into the hands of the one who writes; nobody hears of `quiet` and `claim`. */
  readonly what: "quiet" | "change" | "claim" | "begin" | "end";
}

/** The decision about a job that must not have ended. */
export const whileLive =
  (decide: (row: Row) => Step | JobRecord | undefined) =>
  (row: Row): Step | JobRecord | undefined =>
    isTerminal(row.record) ? undefined : decide(row);
