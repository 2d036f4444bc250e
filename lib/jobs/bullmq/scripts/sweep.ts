import { script } from "../script";

/**
 * What time has brought about, a few of each.
 *
 * KEYS: the outbox. ARGV: prefix, now, ms until a ticket that is not handed over is due again.
 * Gives ids that wait too long, then `id owner` of records that nobody may read any more, then `id, provider, priority` of the jobs that
 * BullMQ is to have, flat: one that it has already it does not take twice, and one that it has lost it gets again.
 */
export const SWEEP = script(`
local p, now, again = unpack(ARGV, 1, 3)
local MOST = 100
local late = redis.call("ZRANGEBYSCORE", p .. ":queued", "-inf", "(" .. now, "LIMIT", 0, MOST)
local expired = {}
for _, each in ipairs(redis.call("ZRANGEBYSCORE", p .. ":ended", "-inf", now, "LIMIT", 0, MOST)) do
  if string.find(each, " ", 1, true) then expired[#expired + 1] = each else redis.call("ZREM", p .. ":ended", each) end
end
local tickets = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now, "LIMIT", 0, MOST)) do
  local job = redis.call("HMGET", p .. ":job:" .. id, "provider", "priority")
  if job[1] then
    redis.call("ZADD", KEYS[1], now + again, id)
    tickets[#tickets + 1] = id
    tickets[#tickets + 1] = job[1]
    tickets[#tickets + 1] = job[2]
  else
    redis.call("ZREM", KEYS[1], id)
    redis.call("ZREM", p .. ":queued", id)
  end
end
return {late, expired, tickets}
`);
