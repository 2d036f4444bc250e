/** Lets one waiter sleep until somebody rings, or a time is over. */
export interface Alarm {
  /** Wakes the waiter, or keeps the next one from sleeping. */
  ring(): void;
  /** Resolves when it rings, after `ms`, or with the signal. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createAlarm(): Alarm {
  let hasRung = false;
  let wake = () => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const settle = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", settle);
          wake = () => {};
          hasRung = false;
          resolve();
        };
        const timer = setTimeout(settle, ms);
        signal.addEventListener("abort", settle, { once: true });
        wake = settle;
        if (hasRung || signal.aborted) settle();
      }),
  };
}
