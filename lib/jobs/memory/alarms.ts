import { MAX_TIMER_MS } from "../../internal/max-timer";
import type { Clock } from "../../ports";

/** Calls back at a time of the clock, unless cleared before. None of them keeps the process alive. */
export interface Alarms {
  /** @param at epoch milliseconds; `Infinity`: never */
  set(id: string, at: number): void;
  clear(id: string): void;
}

export function createAlarms(clock: Clock, ring: (id: string) => void): Alarms {
  const timers = new Map<string, NodeJS.Timeout>();

  const set = (id: string, at: number) => {
    if (at === Number.POSITIVE_INFINITY) return;
    const fire = () => {
      timers.delete(id);
      // A timer may be early by the clock, which can be set back or be an injected one.
      if (clock() < at) set(id, at);
      else ring(id);
    };
    timers.set(id, setTimeout(fire, Math.min(at - clock(), MAX_TIMER_MS)).unref());
  };

  return {
    set,
    clear(id) {
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
  };
}
