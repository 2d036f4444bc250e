import { script } from "../script";
import { LINES } from "./lines";
import { WAITING } from "./waiting";

/**
 * Takes a job in, or refuses it.
 *
 * KEYS: the job. ARGV: prefix, id, base, state, now, startBy, limit key, limits.running, limits.queued, maxQueued, owner, provider,
 * idempotency key or "", a nonce of this very submission; where its caller waits this process, `owner:fingerprint`, ms that a process is believed to be
 * alive, ms after which a line is stale.
 * Gives `{"same", id}`: another one bears the key; `{"refused", code}`; `{"taken"}`: the id is; `{"waits"}`: in the line of its limit key;
 * `{"goes", id, provider, priority}`: to be handed to BullMQ.
 *
 * The turn of a job is one behind the last of its key, or behind the one that began last: so keys take turns. BullMQ's priority is the turn,
 * counted from the last time that nothing waited.
 */
export const SUBMIT = script(
  LINES,
  WAITING,
  `
local p, id, base, state, now, startBy, key = unpack(ARGV, 1, 7)
local running, queued, maxQueued = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local owner, provider, idem, nonce = unpack(ARGV, 11, 14)
local waiter, equals, lease, stale = unpack(ARGV, 15, 18)
local MOST = 2097151

local known = redis.call("HMGET", KEYS[1], "by", "provider", "priority")
if known[1] then
  if known[1] == nonce then return {"goes", id, known[2], known[3]} end
  if redis.call("HGET", KEYS[1], "first") == nonce then return {"waits"} end
  return {"taken"}
end
if idem ~= "" then
  local bearer = redis.call("GET", p .. ":idem:" .. idem)
  if bearer and redis.call("EXISTS", p .. ":job:" .. bearer) == 1 then return {"same", bearer} end
end

local line, busy = p .. ":line:" .. key, p .. ":busy:" .. key
local waiting = redis.call("ZCARD", line)
local waits = waiting > 0 or redis.call("SCARD", busy) >= running
if waits and waiting >= queued then return {"refused", "concurrency_limit"} end
if redis.call("ZCARD", p .. ":queued") >= maxQueued then return {"refused", "queue_full"} end

local rounds, turns, last = p .. ":rounds", p .. ":turns:" .. provider, p .. ":last:" .. key
local round = tonumber(redis.call("HGET", rounds, provider) or 0)
if redis.call("ZCARD", turns) == 0 then redis.call("HSET", rounds, "from:" .. provider, round) end
local from = tonumber(redis.call("HGET", rounds, "from:" .. provider) or 0)
local turn = math.max(round, tonumber(redis.call("HGET", last, provider) or 0)) + 1
local priority = math.max(1, math.min(MOST, turn - from))
redis.call("HSET", last, provider, turn)
redis.call("ZADD", turns, turn, id)
redis.call("ZADD", p .. ":queued", startBy, id)

local number = redis.call("INCR", p .. ":count")
redis.call("HSET", KEYS[1], "base", base, "state", state, "rev", 1, "by", nonce, "first", nonce, "status", "queued",
  "key", key, "running", running, "owner", owner, "provider", provider, "priority", priority, "startBy", startBy)
redis.call("ZADD", p .. ":owner:" .. owner, number, id)
if idem ~= "" then
  redis.call("HSET", KEYS[1], "idem", idem)
  redis.call("SET", p .. ":idem:" .. idem, id)
end
if waiter then wait(p, id, equals, waiter, now, lease, stale) end
if redis.call("SADD", p .. ":providers", provider) == 1 then redis.call("PUBLISH", p .. ":control", "provider") end
redis.call("PUBLISH", p .. ":news:" .. id, state)

if waits then
  redis.call("ZADD", line, number, id)
  return {"waits"}
end
redis.call("SADD", busy, id)
redis.call("ZADD", p .. ":outbox", now + OUTBOX_MS, id)
return {"goes", id, provider, priority}
`,
);
