import type { Redis } from "ioredis";
import type { Logger } from "../../ports";

/**
 * A Redis that is full must refuse what is new. One that makes room instead would lose jobs.
 *
 * @throws Error when it does the latter
 */
export async function checkPolicy(redis: Redis, log: Logger): Promise<void> {
  const policy = await policyOf(redis);
  if (policy === "noeviction") return;
  if (policy === undefined) {
    log.warn({ code: "redis_policy" }, "Redis does not tell its maxmemory-policy; it must be noeviction");
    return;
  }
  throw new Error(
    `bullmqJobs: Redis has the maxmemory-policy "${policy}", by which it may throw jobs away. Set it to noeviction.`,
  );
}

/** Managed servers often forbid CONFIG; INFO says the same. */
async function policyOf(redis: Redis): Promise<string | undefined> {
  const configured = await redis.config("GET", "maxmemory-policy").catch(() => undefined);
  if (Array.isArray(configured) && typeof configured[1] === "string") return configured[1];
  const info = await redis.info("memory").catch(() => "");
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
}
