/** How long things take and may take, in milliseconds. */
export interface Timing {
  /** An answer to a question; a busy server's interpreter lock alone delays one by a second. */
  readonly answerMs: number;
  /** For the socket to open before a graph is sent without it. */
  readonly openMs: number;
  /** Between looks at a job while the socket is down. */
  readonly pollMs: number;
  /** Without a word about a job, before it is looked up. */
  readonly silenceMs: number;
  /** Between renewals of a socket that seems deaf; a slow server's steps are as silent. */
  readonly renewMs: number;
  /** Without a word from the socket at all, before it is taken for dead. */
  readonly pingMs: number;
  /** Between looks at the place in the queue. */
  readonly queueMs: number;
  /** That a server may be out of reach before its jobs are given up. */
  readonly unreachableMs: number;
  /** First and longest wait before the socket is opened again. */
  readonly reconnectMs: number;
  readonly reconnectCapMs: number;
  /** For the server to confirm that it stopped. */
  readonly cancelMs: number;
  /** For which a server that failed is left out. */
  readonly restMs: number;
  /** For which the check of the workflows against a server holds. */
  readonly checkMs: number;
}

export const TIMING: Timing = {
  answerMs: 10_000,
  openMs: 3_000,
  pollMs: 1_000,
  silenceMs: 10_000,
  renewMs: 60_000,
  pingMs: 10_000,
  queueMs: 1_000,
  unreachableMs: 30_000,
  reconnectMs: 250,
  reconnectCapMs: 5_000,
  cancelMs: 5_000,
  restMs: 10_000,
  checkMs: 60_000,
};
