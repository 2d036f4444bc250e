import type { Clock, JobQueue } from "../../ports";
import { adopted, isAdoptable, orphaned } from "../reuse";
import type { Connections } from "./connections";
import type { Keys } from "./keys";
import type { Ledger } from "./ledger";
import { ORPHAN } from "./scripts/orphan";

/** A line of orphans that nobody asks for goes by itself, should its jobs be gone without a sweep. */
const STALE_MS = 86_400_000;

/** Jobs whose callers have left. */
export function createOrphans(
  connections: Connections,
  keys: Keys,
  ledger: Ledger,
  clock: Clock,
  ttlMs: number,
): Pick<JobQueue, "abandon" | "adopt"> {
  return {
    async abandon(id, fingerprint) {
      const orphan = await ledger.change(id, ({ record }) => ({
        record: orphaned(record, clock(), fingerprint),
        what: "quiet",
      }));
      if (orphan?.abandonedAt === undefined) return;
      const line = `${orphan.owner}:${fingerprint}`;
      await connections.run(
        ORPHAN,
        keys.job(id),
        keys.prefix,
        id,
        line,
        orphan.abandonedAt,
        ttlMs + STALE_MS,
      );
    },
    async adopt({ owner, fingerprint }) {
      for (;;) {
        // Taken out first: so no two callers get it.
        const [id] = await connections.ask((redis) => redis.zpopmin(keys.orphans(owner, fingerprint)));
        if (id === undefined) return undefined;
        const job = await ledger.change(id, ({ record }) =>
          isAdoptable(record) ? { record: adopted(record), what: "quiet" } : undefined,
        );
        if (job !== undefined) return job;
      }
    },
  };
}
