import { hash } from "node:crypto";

/**
 * The UUID (version 8, RFC 9562 §5.8) of one upstream call, the same in every process: upstreams that let us choose their id
 * get it, so that a call can be found again after a crash.
 */
export function callKey(jobId: string, call: number, attempt: number): string {
  const hex = hash("sha256", `${jobId}\n${call}\n${attempt}`, "hex");
  const variant = VARIANTS[Number.parseInt(hex.charAt(16), 16) % VARIANTS.length];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The first digit of what says by which rules the UUID is laid out: two of its bits are given. */
const VARIANTS = "89ab";
