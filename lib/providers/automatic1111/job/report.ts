import type { Progress } from "../../../ports/provider";
import type { Sighting } from "../server/sighting";

/** The whole is told by the answer alone. */
const MOST = 0.99;

/**
 * A sighting as a caller is told of it.
 *
 * @param steps of the task, where they can be told
 */
export function progressOf(
  { state, place, fraction = 0, preview }: Sighting,
  steps: number | undefined,
): Progress {
  if (state === "queued") return { phase: "queued", ...(place !== undefined && { queuePosition: place }) };
  if (state === "done") return { phase: "saving", fraction: MOST };
  return {
    phase: fraction === 0 ? "loading" : fraction === 1 ? "saving" : "sampling",
    fraction: Math.min(MOST, fraction),
    ...(steps !== undefined && { step: Math.floor(fraction * steps + 1e-6), steps }),
    ...(preview && { preview }),
  };
}
