import type { JobPage, JobQueue, JobRecord, Principal } from "../../ports";
import type { Caller } from "./caller";

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
  /** Stops the job; a terminal one is given back unchanged. */
  cancel(caller: Caller<P>, id: string): Promise<JobRecord | undefined>;
}

export interface OwnedJobsQuery {
  readonly limit: number;
  readonly after?: string;
  readonly order?: "asc" | "desc";
  readonly live?: boolean;
}

export function ownedJobs<P extends Principal>(
  queue: Pick<JobQueue, "get" | "list" | "cancel">,
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
        const { jobs, hasMore } = await queue.list({
          owner: caller.owner,
          limit: PAGE,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...jobs.filter((job) => job.clientRequestId === clientRequestId));
        after = jobs.at(-1)?.id;
        if (!hasMore || after === undefined) break;
      }
      return found;
    },
    async cancel(caller, id) {
      const job = await find(caller, id);
      return job === undefined ? undefined : queue.cancel(job.id);
    },
  };
}
