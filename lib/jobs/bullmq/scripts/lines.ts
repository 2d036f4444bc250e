/**
 * Lua functions that several scripts begin with.
 *
 * `leave(p, id, job)`: takes a job out of every line. `promote(p, key, now)`: lets the next waiting ones of a limit key go as far as its limit
 * allows; gives `id, provider, priority` of each, flat. They are put into the outbox, which a sweep looks through: the process that is to
 * hand them to BullMQ may die before it does.
 */
export const LINES = `
local OUTBOX_MS = 5000

local function leave(p, id)
  local job = redis.call("HMGET", p .. ":job:" .. id, "provider", "key")
  redis.call("ZREM", p .. ":queued", id)
  redis.call("ZREM", p .. ":outbox", id)
  if job[1] then redis.call("ZREM", p .. ":turns:" .. job[1], id) end
  if job[2] then
    redis.call("ZREM", p .. ":line:" .. job[2], id)
    redis.call("SREM", p .. ":busy:" .. job[2], id)
  end
  return job[2]
end

local function promote(p, key, now)
  local gone = {}
  local line = p .. ":line:" .. key
  local busy = p .. ":busy:" .. key
  while true do
    local id = redis.call("ZRANGE", line, 0, 0)[1]
    if not id then break end
    local job = redis.call("HMGET", p .. ":job:" .. id, "running", "provider", "priority")
    if job[1] and redis.call("SCARD", busy) >= tonumber(job[1]) then break end
    redis.call("ZREM", line, id)
    if job[1] then
      redis.call("SADD", busy, id)
      redis.call("ZADD", p .. ":outbox", now + OUTBOX_MS, id)
      gone[#gone + 1] = id
      gone[#gone + 1] = job[2]
      gone[#gone + 1] = job[3]
    else
      redis.call("ZREM", p .. ":queued", id)
    end
  end
  if redis.call("EXISTS", line, busy) == 0 then redis.call("DEL", p .. ":last:" .. key) end
  return gone
end
`;
