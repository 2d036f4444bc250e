import type { Clock, JobRecord } from "../../ports";
import { createRecentEnds, type RecentEnds } from "../recent-ends";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import { textsOf } from "./reply";

/** The records with the places that the waiting ones have now, and when their turns may come. */
export type Placed = (jobs: readonly JobRecord[]) => Promise<readonly JobRecord[]>;

export const createPlaced =
  (connections: Connections, keys: Keys, clock: Clock): Placed =>
  async (jobs) => {
    const waiting = jobs.filter(({ status }) => status === "queued");
    if (waiting.length === 0) return jobs;
    const providers = [...new Set(waiting.map(({ provider }) => provider))];
    const replies = await connections.askAll((pipeline) => {
      for (const provider of providers) pipeline.lrange(keys.ends(provider), 0, -1);
      for (const { id, provider } of waiting) pipeline.zrank(keys.turns(provider), id);
    });
    const ends = new Map(providers.map((provider, index) => [provider, endsOf(replies[index])]));
    const ranks = new Map(waiting.map(({ id }, index) => [id, replies[providers.length + index]]));
    return jobs.map((job) => {
      const rank = ranks.get(job.id);
      if (typeof rank !== "number") return job;
      const waitMs = ends.get(job.provider)?.waitMs(rank + 1);
      // The ends are told by the clocks of several machines.
      const expected = waitMs === undefined ? {} : { expectedStartAt: clock() + Math.max(0, waitMs) };
      return Object.freeze({ ...job, queuePosition: rank + 1, ...expected });
    });
  };

/** What `write` has noted: `completedAt tookMs` of each. */
function endsOf(reply: unknown): RecentEnds {
  const ends = createRecentEnds();
  for (const text of textsOf(reply)) {
    const [completedAt = Number.NaN, tookMs = Number.NaN] = text.split(" ").map(Number);
    const startedAt = completedAt - tookMs;
    if (Number.isFinite(startedAt)) ends.add({ startedAt, completedAt });
  }
  return ends;
}
