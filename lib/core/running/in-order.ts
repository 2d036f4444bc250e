import type { JobImage } from "../../ports";

/** Pictures of a job in the order of their places, whatever the order in which they came. */
export const inOrder = (images: ReadonlyMap<number, JobImage>): JobImage[] =>
  [...images.values()].sort((a, b) => a.place - b.place);
