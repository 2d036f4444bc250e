/**
 * Lua functions about the callers that wait for answers: `waiter` of a job is the process where one does, and `waits` names the line of jobs
 * with the same owner and fingerprint.
 *
 * `wait(p, id, line, waiter, now, lease, stale)`: the caller of a job waits at a process, which is alive now. `rest(p, id, waiter)`: no caller
 * waits at this process any more.
 */
export const WAITING = `
local function wait(p, id, line, waiter, now, lease, stale)
  redis.call("HSET", p .. ":job:" .. id, "waiter", waiter, "waits", line)
  redis.call("ZADD", p .. ":waiting:" .. line, now, id)
  redis.call("PEXPIRE", p .. ":waiting:" .. line, stale)
  redis.call("SET", p .. ":process:" .. waiter, "0", "PX", lease, "NX")
end

local function rest(p, id, waiter)
  local job = redis.call("HMGET", p .. ":job:" .. id, "waiter", "waits")
  if job[1] ~= waiter then return end
  redis.call("ZREM", p .. ":waiting:" .. job[2], id)
  redis.call("HDEL", p .. ":job:" .. id, "waiter", "waits")
end
`;
