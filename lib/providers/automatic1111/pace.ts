/** How long things take and may take, in milliseconds. */
export interface Pace {
  /** An answer to a question. */
  readonly answerMs: number;
  /** Between two looks at a task: at first, and at most when nothing changes. */
  readonly pollMs: number;
  readonly pollCapMs: number;
  /** For the question whether pictures that have come are finished. */
  readonly lastLookMs: number;
  /** For telling the server to stop a task. */
  readonly stopMs: number;
  /** For which holds what the server said of itself: its models, its samplers, what it can do. */
  readonly holdMs: number;
}

export const PACE: Pace = {
  answerMs: 10_000,
  pollMs: 500,
  pollCapMs: 2_000,
  lastLookMs: 1_000,
  stopMs: 5_000,
  holdMs: 60_000,
};
