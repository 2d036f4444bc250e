import { script } from "../script";
import { WAITING } from "./waiting";

/**
 * Puts a job into the line of orphans.
 *
 * KEYS: the job. ARGV: prefix, id, owner and fingerprint as `owner:fingerprint`, when it was abandoned, ms after which the line is stale, this
 * process.
 */
export const ORPHAN = script(
  WAITING,
  `
if redis.call("EXISTS", KEYS[1]) == 0 then return end
local line = ARGV[1] .. ":orphans:"
local before = redis.call("HGET", KEYS[1], "orphan")
if before then redis.call("ZREM", line .. before, ARGV[2]) end
redis.call("HSET", KEYS[1], "orphan", ARGV[3])
redis.call("ZADD", line .. ARGV[3], ARGV[4], ARGV[2])
redis.call("PEXPIRE", line .. ARGV[3], ARGV[5])
rest(ARGV[1], ARGV[2], ARGV[6])
`,
);
