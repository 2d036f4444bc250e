import type { JobRecord } from "../../ports";
import type { Connections } from "./connections";
import type { Keys } from "./keys";

/** The records with the places that the waiting ones have now. */
export type Placed = (jobs: readonly JobRecord[]) => Promise<readonly JobRecord[]>;

export const createPlaced =
  (connections: Connections, keys: Keys): Placed =>
  async (jobs) => {
    const waiting = jobs.filter(({ status }) => status === "queued");
    if (waiting.length === 0) return jobs;
    const ranks = await connections.ask(async (redis) => {
      const pipeline = redis.pipeline();
      for (const { id, provider } of waiting) pipeline.zrank(keys.turns(provider), id);
      return pipeline.exec();
    });
    const places = new Map(waiting.map(({ id }, index) => [id, ranks?.[index]?.[1]]));
    return jobs.map((job) => {
      const rank = places.get(job.id);
      return typeof rank === "number" ? Object.freeze({ ...job, queuePosition: rank + 1 }) : job;
    });
  };
