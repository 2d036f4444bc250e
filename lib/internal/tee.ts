import { type HandToHand, handToHand } from "./hand-to-hand";

/** One of the two who read the same source. */
export type Reader<T> = Pick<HandToHand<T>, "taken" | "leave">;

/**
 * One source for two readers, as fast as the slower of them reads. One that leaves lets the other go on alone; when both have, the
 * source is left. What breaks the source breaks it for both.
 */
export function tee<T>(source: AsyncIterable<T>): readonly [Reader<T>, Reader<T>] {
  const [one, other] = [handToHand<T>(), handToHand<T>()];
  const end = (failure?: unknown) => {
    one.end(failure);
    other.end(failure);
  };
  const pour = async () => {
    for await (const value of source) {
      await Promise.all([one.give(value), other.give(value)]);
      if (one.hasLeft && other.hasLeft) return;
    }
  };
  pour().then(() => end(), end);
  return [one, other];
}
