import { defined } from "../../internal/defined";
import type { JobListener, JobPage, JobQueue, JobRecord, Principal } from "../../ports";
import { isTerminal } from "../../ports";
import type { Caller } from "./caller";
import { waitAWhile } from "./wait-for-end";

const PAGE = 100;
const MAX_PAGES = 2;
const UNGUESSABLE = 32;
const JOB_ID = /^imgjob_[0-9a-f]{32}$/;

/** The caller's own jobs, and no others: unknown and foreign look alike. */
export interface OwnedJobs<P extends Principal> {
  find(caller: Caller<P>, id: string): Promise<JobRecord | undefined>;
  list(caller: Caller<P>, query: OwnedJobsQuery): Promise<JobPage>;
  /**
   * The jobs posted with a client request id, newest first, as far as they are among the owner's newest 200. Anonymous callers share
   * an owner: they find only by an id that nobody guesses, of at least 32 characters.
   */
  byClientRequestId(caller: Caller<P>, clientRequestId: string): Promise<readonly JobRecord[]>;
  /** The job at its end, or as it stands after so much time. @throws the signal's reason */
  findSoon(
    caller: Caller<P>,
    id: string,
    patience: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<JobRecord | undefined>;
  /** Stops the job; a terminal one is given back unchanged. */
  cancel(caller: Caller<P>, id: string): Promise<JobRecord | undefined>;
  /** Stops the job and forgets it. Gives what was its last state; its pictures are not deleted by this. */
  remove(caller: Caller<P>, id: string): Promise<JobRecord | undefined>;
  /**
   * The changes of a job, from the moment this has resolved. Resolves to the job as it is then, and the way to stop.
   */
  follow(caller: Caller<P>, id: string, listener: JobListener): Promise<FollowedJob | undefined>;
}

export interface FollowedJob {
  readonly job: JobRecord;
  stop(): void;
}

export interface OwnedJobsQuery {
  readonly limit: number;
  readonly after?: string;
  readonly order?: "asc" | "desc";
  readonly live?: boolean;
}

export function ownedJobs<P extends Principal>(
  queue: Pick<JobQueue, "get" | "list" | "cancel" | "remove" | "follow">,
): OwnedJobs<P> {
  const find = async (caller: Caller<P>, id: string) => {
    if (!JOB_ID.test(id)) return undefined;
    const job = await queue.get(id);
    return job?.owner === caller.owner ? job : undefined;
  };
  return {
    find,
    // All anonymous callers share one owner: a list would show the jobs of strangers.
    list: async (caller, query) =>
      caller.anonymous ? { jobs: [], hasMore: false } : queue.list({ owner: caller.owner, ...query }),
    async byClientRequestId(caller, clientRequestId) {
      if (caller.anonymous && clientRequestId.length < UNGUESSABLE) return [];
      const found: JobRecord[] = [];
      let after: string | undefined;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const { jobs, hasMore } = await queue.list(defined({ owner: caller.owner, limit: PAGE, after }));
        found.push(...jobs.filter((job) => job.clientRequestId === clientRequestId));
        after = jobs.at(-1)?.id;
        if (!hasMore || after === undefined) break;
      }
      return found;
    },
    async findSoon(caller, id, { ms, signal }) {
      const job = await find(caller, id);
      return job === undefined || isTerminal(job) || ms === 0 ? job : waitAWhile(queue, id, ms, signal);
    },
    async follow(caller, id, listener) {
      if ((await find(caller, id)) === undefined) return undefined;
      const stop = await queue.follow(id, listener);
      let job: JobRecord | undefined;
      try {
        job = await queue.get(id);
        return job && { job, stop };
      } finally {
        if (job === undefined) stop();
      }
    },
    async remove(caller, id) {
      const job = await find(caller, id);
      return job === undefined ? undefined : queue.remove(job.id);
    },
    async cancel(caller, id) {
      const job = await find(caller, id);
      return job === undefined ? undefined : queue.cancel(job.id);
    },
  };
}
