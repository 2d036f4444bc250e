export interface EventRate {
  /** Refilled evenly. */
  readonly eventsPerSecond: number;
  /** Events at once after a pause. */
  readonly eventBurst: number;
}

/**
 * A token bucket: tells of each event whether it is within the rate.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function createEventBudget(
  { eventsPerSecond, eventBurst }: EventRate,
  now: () => number = () => performance.now(),
): () => boolean {
  let left = eventBurst;
  let last = now();
  return () => {
    const time = now();
    left = Math.min(eventBurst, left + ((time - last) / 1000) * eventsPerSecond);
    last = time;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
