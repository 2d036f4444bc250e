import { KIB, MIB } from "../../internal/byte-sizes";
import type { JobRecord } from "../../ports";

const MOST_EXPECTED_BYTES = 4 * MIB;
const LEAST_EXPECTED_BYTES = 64 * KIB;
const BYTES_PER_PIXEL = 4;

/**
 * What the pictures of a job may need together: their uncompressed size, within bounds. Room is made by evicting what others have stored,
 * so a caller must not be able to claim much of it by a large `size` that the provider then refuses. The store takes larger pictures too,
 * as long as it has room.
 */
export function expectedBytes(
  { request: { n }, plan }: Pick<JobRecord, "request" | "plan">,
  imageBytes: number,
): number {
  const { size } = plan.fields;
  const pixels = size === undefined || size === "auto" ? Number.POSITIVE_INFINITY : size.width * size.height;
  const each = Math.max(LEAST_EXPECTED_BYTES, Math.min(MOST_EXPECTED_BYTES, pixels * BYTES_PER_PIXEL));
  return n * Math.min(imageBytes, each);
}
