import { script } from "../script";

/**
 * Says that a running job is to stop. Whoever writes to it next has to read it again, and sees that.
 *
 * KEYS: the job. ARGV: prefix, id. Gives the status.
 */
export const STOP = script(`
local status = redis.call("HGET", KEYS[1], "status")
if status == "in_progress" and redis.call("HSETNX", KEYS[1], "stop", "1") == 1 then
  redis.call("HINCRBY", KEYS[1], "rev", 1)
end
redis.call("PUBLISH", ARGV[1] .. ":control", "stop " .. ARGV[2])
return status
`);
