import type { Clock, JobQueue, MaybePromise } from "../../ports";

/** How `testJobQueue` comes by the queues it tests. */
export interface JobQueueSuite {
  /**
   * Makes a fresh queue that shares nothing with others; called for every test.
   *
   * @param options `clock`: the time by which the queue counts. `maxQueued`: how many jobs may wait in it over all keys.
   */
  readonly create: (options: { readonly clock: Clock; readonly maxQueued: number }) => MaybePromise<JobQueue>;
  /**
   * For a queue that is shared: opens it once more, as another process would. It is closed before the first one.
   *
   * @param queue one that `create` has made; it may have been closed
   */
  readonly another?: (
    queue: JobQueue,
    options: { readonly clock: Clock; readonly maxQueued: number },
  ) => MaybePromise<JobQueue>;
  /** Called after every test, when the queue has been closed. */
  readonly dispose?: (queue: JobQueue) => MaybePromise<void>;
  /**
   * How long a test waits for something that must happen, in milliseconds.
   * @default 5000
   */
  readonly patienceMs?: number;
}
