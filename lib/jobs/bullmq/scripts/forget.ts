import { script } from "../script";
import { LINES } from "./lines";

/**
 * Takes every trace of a job away. One whose end a webhook has still to hear is only marked as gone: nobody else finds it then, and whoever has
 * told the webhook deletes it.
 *
 * KEYS: the job. ARGV: prefix, id, owner or "" where the job itself tells it, now. Gives what `promote` gives.
 */
export const FORGET = script(
  LINES,
  `
local p, id, owner, now = unpack(ARGV, 1, 4)
local job = redis.call("HMGET", KEYS[1], "owner", "idem", "orphan", "waits")
owner = job[1] or owner
redis.call("ZREM", p .. ":owner:" .. owner, id)
redis.call("ZREM", p .. ":ended", id .. " " .. owner)
if job[2] and redis.call("GET", p .. ":idem:" .. job[2]) == id then redis.call("DEL", p .. ":idem:" .. job[2]) end
if job[3] then redis.call("ZREM", p .. ":orphans:" .. job[3], id) end
if job[4] then redis.call("ZREM", p .. ":waiting:" .. job[4], id) end
local key = leave(p, id)
if job[1] and redis.call("ZSCORE", p .. ":notices", id) then
  redis.call("HSET", KEYS[1], "gone", "1")
else
  redis.call("DEL", KEYS[1])
end
if not key then return {} end
return promote(p, key, now)
`,
);
