import type { ByteRange } from "../ports";

/**
 * The one range of a `Range` header (RFC 9110 §14.2). Several ranges and other units are ignored, as the RFC allows.
 *
 * @returns `undefined`: the whole; `"unsatisfiable"`: nothing of it lies inside
 */
export function parseRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const length = Math.min(Number(to), bytes);
    return length === 0 ? "unsatisfiable" : { start: bytes - length, end: bytes - 1 };
  }
  const start = Number(from);
  const end = to === "" ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (to !== "" && Number(to) < start) return undefined;
  return start >= bytes ? "unsatisfiable" : { start, end };
}
