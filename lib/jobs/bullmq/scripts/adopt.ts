import { script } from "../script";
import { WAITING } from "./waiting";

/**
 * Gives an orphan to a caller that waits for it from now on: one that was abandoned, else one whose caller waited at a process that is dead.
 *
 * KEYS: the line of orphans. ARGV: prefix, owner and fingerprint as `owner:fingerprint`, this process, now, ms that a process is believed to be
 * alive, ms after which the line is stale.
 * Gives `{"given", id}`; or `{"none", …}` with `process, beat` of each other process where somebody waits for such a job, flat.
 */
export const ADOPT = script(
  WAITING,
  `
local p, line, self, now, lease, stale = unpack(ARGV, 1, 6)
local MOST = 100
local waiting = p .. ":waiting:" .. line
local function give(id)
  if redis.call("EXISTS", p .. ":job:" .. id) == 1 then wait(p, id, line, self, now, lease, stale) end
  return {"given", id}
end

local orphan = redis.call("ZPOPMIN", KEYS[1])[1]
if orphan then return give(orphan) end
local others = {"none"}
for _, id in ipairs(redis.call("ZRANGE", waiting, 0, MOST - 1)) do
  local waiter = redis.call("HGET", p .. ":job:" .. id, "waiter")
  if not waiter then
    redis.call("ZREM", waiting, id)
  elseif waiter ~= self then
    local beat = redis.call("GET", p .. ":process:" .. waiter)
    if not beat then return give(id) end
    others[#others + 1] = waiter
    others[#others + 1] = beat
  end
end
return others
`,
);
