import { script } from "../script";
import { LINES } from "./lines";

/**
 * Writes the next state of a job, if nobody has written one since it was read and the claim is still the writer's.
 *
 * KEYS: the job. ARGV: prefix, id, rev as read, a nonce of this very write, claim of the writer or "", state, status, now,
 * what: `quiet` (nobody hears of it), `change`, `claim` (as quiet, with a new claim), `begin` (with a new claim) or `end`;
 * then for `claim` and `begin` the new claim; for `end` expiresAt, time to live in ms, "free" when the idempotency key is so, else "keep", "tell" when a webhook is to
 * hear of it, else "", and `completedAt tookMs` of a job that has begun, else "".
 * Gives `{"gone"}`, `{"conflict"}`, `{"lost"}`: the claim; or `{"ok", …}` with what `promote` gives.
 */
export const WRITE = script(
  LINES,
  `
local ENDS_KEPT = 20
local p, id, rev, nonce, claim, state, status, now, what = unpack(ARGV, 1, 9)
local job = redis.call("HMGET", KEYS[1], "rev", "by", "claim", "key", "owner", "idem", "provider")
if not job[1] then return {"gone"} end
if job[1] ~= rev then
  if job[2] == nonce then return {"ok"} end
  return {"conflict"}
end
if claim ~= "" and job[3] ~= claim then return {"lost"} end
redis.call("HSET", KEYS[1], "state", state, "status", status, "by", nonce)
redis.call("HINCRBY", KEYS[1], "rev", 1)

if what == "claim" or what == "begin" then redis.call("HSET", KEYS[1], "claim", ARGV[10]) end
if what == "begin" then
  local turns, rounds = p .. ":turns:" .. job[7], p .. ":rounds"
  local turn = tonumber(redis.call("ZSCORE", turns, id) or 0)
  if turn > tonumber(redis.call("HGET", rounds, job[7]) or 0) then redis.call("HSET", rounds, job[7], turn) end
  redis.call("ZREM", turns, id)
  redis.call("ZREM", p .. ":queued", id)
end
if what == "begin" or what == "change" or what == "end" then redis.call("PUBLISH", p .. ":news:" .. id, state) end
if what ~= "end" then return {"ok"} end

local ttl = tonumber(ARGV[11])
redis.call("HDEL", KEYS[1], "claim", "stop")
redis.call("PEXPIRE", KEYS[1], ttl)
redis.call("ZADD", p .. ":ended", ARGV[10], id .. " " .. job[5])
if job[6] then
  local idem = p .. ":idem:" .. job[6]
  if redis.call("GET", idem) == id then
    if ARGV[12] == "free" then redis.call("DEL", idem) else redis.call("PEXPIRE", idem, ttl) end
  end
end
if ARGV[13] == "tell" then redis.call("ZADD", p .. ":notices", now, id) end
if ARGV[14] ~= "" then
  redis.call("RPUSH", p .. ":ends:" .. job[7], ARGV[14])
  redis.call("LTRIM", p .. ":ends:" .. job[7], -ENDS_KEPT, -1)
end
leave(p, id)
local promoted = promote(p, job[4], now)
table.insert(promoted, 1, "ok")
return promoted
`,
);
