import { randomFillSync } from "node:crypto";

const ID_BYTES = 16;
/** Asking for the bytes of one id costs as much as asking for those of many. */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

/** `prefix` and 32 lower-case hex digits: 128 random bits, unguessable. */
export function newId(prefix: string): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return prefix + pool.toString("hex", used - ID_BYTES, used);
}
