import { hash } from "node:crypto";

/**
 * The UUID (version 8, RFC 9562 §5.8) of one upstream call, the same in every process: upstreams that let us choose their id
 * get it, so that a call can be found again after a crash.
 */
export function callKey(jobId: string, call: number, attempt: number): string {
  const bytes = hash("sha256", `${jobId}\n${call}\n${attempt}`, "buffer").subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
