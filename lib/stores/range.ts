import type { ByteRange, StoredImage } from "../ports";

/** @throws RangeError when the range does not lie inside the image: no other byte of a store may get out that way */
export function rangeWithin(
  { bytes }: StoredImage,
  range: ByteRange = { start: 0, end: bytes - 1 },
): ByteRange {
  const { start, end } = range;
  const isEmpty = bytes === 0 && start === 0 && end === -1;
  const isInside =
    Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end < bytes;
  if (!isInside && !isEmpty) throw new RangeError("The range does not lie inside the image.");
  return range;
}
