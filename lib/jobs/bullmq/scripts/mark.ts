import { script } from "../script";

/**
 * The durable mark before a paid call.
 *
 * KEYS: the job. ARGV: claim, call key, a nonce of this very mark. Gives `new`, `known` or `lost`: the claim.
 */
export const MARK = script(`
if redis.call("HGET", KEYS[1], "claim") ~= ARGV[1] then return "lost" end
local mark = "mark:" .. ARGV[2]
if redis.call("HSETNX", KEYS[1], mark, ARGV[3]) == 1 then return "new" end
if redis.call("HGET", KEYS[1], mark) == ARGV[3] then return "new" end
return "known"
`);
