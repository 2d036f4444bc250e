import type { JobPage, JobQueue, JobRecord } from "../../ports";
import { isTerminal } from "../../ports";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import type { Placed } from "./places";

/** A page of one owner's jobs. Of those that are not to be shown as many are passed over as there are. */
export const createListing =
  (connections: Connections, keys: Keys, ledger: Ledger, placed: Placed) =>
  async ({ owner, limit, after, order, live }: Parameters<JobQueue["list"]>[0]): Promise<JobPage> => {
    const key = keys.owner(owner);
    const isUpwards = order === "asc";
    const rank = (id: string) =>
      connections.ask((redis) => (isUpwards ? redis.zrank(key, id) : redis.zrevrank(key, id)));
    const range = (from: number, to: number) =>
      connections.ask((redis) => (isUpwards ? redis.zrange(key, from, to) : redis.zrevrange(key, from, to)));

    const before = after === undefined ? -1 : await rank(after);
    // A cursor that is gone, or that is somebody else's, has nothing behind it.
    if (before === null) return { jobs: [], hasMore: false };
    const jobs: JobRecord[] = [];
    for (let from = before + 1; jobs.length <= limit; from += limit + 1) {
      const ids = await range(from, from + limit);
      if (ids.length === 0) break;
      for (const row of await ledger.readAll(ids)) {
        if (row !== undefined && !(live && isTerminal(row.record))) jobs.push(row.record);
      }
    }
    return { jobs: await placed(jobs.slice(0, limit)), hasMore: jobs.length > limit };
  };
