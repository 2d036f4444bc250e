import type { JobChange, JobOutcome, JobRecord, NewJob } from "./job";
import type { MaybePromise } from "./maybe-promise";
import type { PreviewChannel } from "./preview-channel";
import type { StopSignal } from "./stop-signal";

/** A job in the hands of the one runner that holds it. */
export interface JobClaim {
  readonly job: JobRecord;
  /** Aborts when the job is to stop: cancelled, removed, or no longer held by this runner. Not always an AbortSignal. */
  readonly signal: StopSignal;
  /**
   * The durable mark before a paid call. `false`: the mark was there already, so an earlier holder may have made this very
   * call and died; it must not be made again.
   */
  markDispatch(callKey: string): Promise<boolean>;
}

/** Runs one job to its end and settles it; never rejects. */
export type JobRunner = (claim: JobClaim) => Promise<void>;

/**
 * Tells somebody outside of the end of a job. `again`: it could not be told now. Never rejects; `signal` ends an attempt that takes too long.
 */
export type JobNotifier = (job: JobRecord, signal: AbortSignal) => Promise<"done" | "again">;

export interface JobLimits {
  /** Jobs of one `limitKey` at work at the same time. */
  readonly running: number;
  /** Jobs of one `limitKey` that may wait; beyond it `submit` rejects with `concurrency_limit`. */
  readonly queued: number;
}

export interface JobPage {
  readonly jobs: readonly JobRecord[];
  readonly hasMore: boolean;
}

/** Must not throw. */
export type JobListener = (job: JobRecord) => void;

/**
 * Holds jobs, decides whose turn it is, and keeps the record of each.
 *
 * 1. Once `submit` has resolved the job reaches exactly one terminal state, by `settle`, `cancel`, `startBy` or `close`.
 * 2. One runner holds a job at a time, and `markDispatch` says `true` once per key. Waiting jobs take turns by `limitKey`, so that a flood of one delays another by a job or two;
 *    within a key the order is that of submission.
 * 3. No more than `limits.running` jobs of a key run at once. While so many run, or were let go to be run, those behind them wait; `submit`
 *    beyond `limits.queued` that wait rejects with GatewayError `concurrency_limit`, beyond the queue's own capacity with `queue_full`, after
 *    `close` with `draining`.
 * 4. The first terminal state wins: a later `update` or `settle` changes nothing and gives `undefined`.
 * 5. `seq` rises by one with every change and every `nextSeq`; `progress` never falls; listeners hear changes in order of `seq`, none
 *    twice, the terminal one last. `watch` hears each change that its own process makes; `follow` those of one job, whichever process
 *    makes them, and may miss some but never the terminal one.
 * 6. `cancel` ends a waiting job at once; for a running one it aborts the claim and the runner settles it; whatever the runner then says,
 *    the job ends `cancelled`. A terminal job is unchanged.
 * 7. `get` of an unknown, removed or expired id is `undefined`; terminal records stay for the queue's own time to live.
 * 8. `list` shows one owner's jobs only, newest first unless `order` is `asc`; `after` names the last job of the page before.
 * 9. `remove` ends a live job as `cancelled`, which is heard; then the record is gone and no further change is heard.
 * 10. Records are values: what was handed out does not change.
 * 11. `submit` of a job whose `idempotencyKey` another one bears begins nothing and resolves to that other one; of two at once one is new. A
 *     key is free again when its job is cancelled, removed, expired, or failed with an error that says `retry`.
 * 12. `abandon` makes an orphan of a job, under a fingerprint that becomes its own; `adopt` gives the one of an owner and fingerprint that
 *     was abandoned first, to one caller only, and it is no orphan then. Neither a
 *     cancelled job nor one that failed with `retry`, nor a completed one of which a picture was not kept, is ever given. Being abandoned or
 *     adopted is no change that is heard. In a shared queue one that `isWaitedFor` is given likewise when its process has died, or was closed, without a word
 *     about it.
 * 13. The end of each job whose request names a `webhook` is given to the notifier, again and at growing intervals while that says so, be the
 *     job removed or not; at least once unless the queue ends with its process.
 */
export interface JobQueue {
  /** Jobs may run, and end, in another process than the one that submitted them. Default `false`. */
  readonly isShared?: boolean;
  /** Brings previews to where somebody looks, where jobs run in other processes. */
  readonly previews?: PreviewChannel;
  /** Awaited once before the first use. */
  ready?(): Promise<void>;
  /** Resolves to the new job, or to the one that bears its `idempotencyKey` already. */
  submit(
    job: NewJob,
    options: {
      readonly limits: JobLimits;
      /** Epoch ms; still waiting then = failed `queue_timeout`. */
      readonly startBy: number;
      /** A caller waits in this process, until `answered` or `abandon`, and may come again under the job's `fingerprint`. */
      readonly isWaitedFor?: boolean;
    },
  ): Promise<JobRecord>;
  /** Called once, by the process that is to do the work. */
  work(run: JobRunner): void;
  /** Called once, by a process that may tell webhooks, before the first job. A queue without it has none. */
  notify?(notifier: JobNotifier): void;

  get(id: string): Promise<JobRecord | undefined>;
  list(query: {
    readonly owner: string;
    readonly limit: number;
    readonly after?: string;
    readonly order?: "asc" | "desc";
    /** Only jobs that have not ended. */
    readonly live?: boolean;
  }): Promise<JobPage>;

  update(id: string, change: JobChange): Promise<JobRecord | undefined>;
  settle(id: string, outcome: JobOutcome): Promise<JobRecord | undefined>;
  /** Draws a number for an event that is not a change of the record (a preview); `undefined` once terminal. */
  nextSeq(id: string): Promise<number | undefined>;
  /** @param options `ifOrphan`: only a live one, and only while it is an orphan, which is given to nobody then; else `undefined` */
  cancel(id: string, options?: { readonly ifOrphan?: boolean }): Promise<JobRecord | undefined>;
  remove(id: string): Promise<JobRecord | undefined>;

  /** The caller that waited for this job has left before its answer was written. */
  abandon(id: string, fingerprint: string): Promise<void>;
  /** The caller that waited for this job has its answer. A queue that ends with its process need not know. Never rejects. */
  answered?(id: string): MaybePromise<void>;
  /** Takes an orphan over, to wait for it and to answer with it. */
  adopt(orphan: { readonly owner: string; readonly fingerprint: string }): Promise<JobRecord | undefined>;

  /** Every change of every record that this process makes, from now on. Returns the way to stop. */
  watch(listener: JobListener): () => void;
  /**
   * The changes of one job, whoever makes them, from the moment this has resolved, all of them when that was before its `submit`; nothing for
   * one that has ended before. Resolves to the way to stop.
   */
  follow(id: string, listener: JobListener): MaybePromise<() => void>;

  /**
   * No new jobs here; running ones may finish for `timeoutMs`, then their claims abort. Waiting ones are failed `draining` by a queue that ends
   * with its process; a shared one leaves them to other processes, and likewise running ones of which no call was marked, and
   * gives those that wait here for answers the same time. Idempotent.
   *
   * @param options `readers` resolves when nobody reads here any more of jobs that run elsewhere; a shared queue goes on telling them until then, within
   * the same time
   */
  close(options: { readonly timeoutMs: number; readonly readers?: Promise<unknown> }): MaybePromise<void>;
}
