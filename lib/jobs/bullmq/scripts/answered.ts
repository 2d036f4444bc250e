import { script } from "../script";
import { WAITING } from "./waiting";

/**
 * The caller of a job that waited at this process has its answer.
 *
 * KEYS: the job. ARGV: prefix, id, this process.
 */
export const ANSWERED = script(WAITING, `rest(unpack(ARGV, 1, 3))`);
