import { script } from "../script";

/**
 * Webhooks whose time has come, a few; whoever takes them has some time to tell them, then they are due again.
 *
 * KEYS: the notices. ARGV: prefix, now, ms until one that was taken is due again. Gives `id, attempts before` of each, flat.
 */
export const TAKE_NOTICES = script(`
local p, now, lease = unpack(ARGV, 1, 3)
local MOST = 20
local taken = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", now, "LIMIT", 0, MOST)) do
  local job = p .. ":job:" .. id
  if redis.call("EXISTS", job) == 1 then
    redis.call("ZADD", KEYS[1], now + lease, id)
    taken[#taken + 1] = id
    taken[#taken + 1] = redis.call("HINCRBY", job, "told", 1) - 1
  else
    redis.call("ZREM", KEYS[1], id)
  end
end
return taken
`);
