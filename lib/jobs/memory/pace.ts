/** Runs `work` soon after it was asked for, however often it was asked for, with a pause between two runs. */
export interface Pace {
  ask(): void;
  stop(): void;
}

export function createPace(pauseMs: number, work: () => void): Pace {
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const fire = () => {
    timer = undefined;
    last = performance.now();
    work();
  };
  return {
    ask() {
      timer ??= setTimeout(fire, Math.max(0, last + pauseMs - performance.now())).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
