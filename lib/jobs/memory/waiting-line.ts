import type { Clock, JobLimits } from "../../ports";

import { createAlarms } from "./alarms";
import { createPace } from "./pace";
import { createTurns } from "./turns";

/** A thousand jobs may move when one starts: clients need no more than ten numbers a second. */
const POSITIONS_PAUSE_MS = 100;

/** A job that waits for its turn. */
export interface Waiting {
  readonly id: string;
  readonly limitKey: string;
  readonly limits: JobLimits;
  /** Epoch milliseconds; `Infinity`: waits as long as it takes. */
  readonly startBy: number;
}

/** The jobs that wait, in fair order. */
export interface WaitingLine {
  readonly size: number;
  sizeOf(limitKey: string): number;
  /** Gives the place in the line, 1 = next. */
  join(waiting: Waiting): number;
  leave(id: string): void;
  /** Takes out the next one that may run. */
  take(mayRun: (waiting: Waiting) => boolean): Waiting | undefined;
  ids(): readonly string[];
  close(): void;
}

export function createWaitingLine(options: {
  readonly clock: Clock;
  /** Its `startBy` has come; it is still in the line. */
  readonly onLate: (id: string) => void;
  /** Places may have changed; not called for every single change. */
  readonly onMoved: (ids: readonly string[]) => void;
}): WaitingLine {
  const turns = createTurns<Waiting>();
  const byId = new Map<string, Waiting>();
  const alarms = createAlarms(options.clock, options.onLate);
  const ids = () => turns.inOrder().map(({ id }) => id);
  const positions = createPace(POSITIONS_PAUSE_MS, () => options.onMoved(ids()));

  const forget = (id: string) => {
    byId.delete(id);
    alarms.clear(id);
    positions.ask();
  };

  return {
    get size() {
      return turns.size;
    },
    sizeOf: turns.sizeOf,
    join(waiting) {
      turns.add(waiting.limitKey, waiting);
      byId.set(waiting.id, waiting);
      alarms.set(waiting.id, waiting.startBy);
      positions.ask();
      return turns.lastPlaceOf(waiting.limitKey);
    },
    leave(id) {
      const waiting = byId.get(id);
      if (waiting === undefined) return;
      turns.remove(waiting.limitKey, waiting);
      forget(id);
    },
    take(mayRun) {
      const waiting = turns.take(mayRun);
      if (waiting !== undefined) forget(waiting.id);
      return waiting;
    },
    ids,
    close: positions.stop,
  };
}
