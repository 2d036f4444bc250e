/** Sends whenever there is something to send, but not too often. */
export interface Pace {
  /** There is something to send: at once when it has been quiet, else when the interval is over. */
  soon(): void;
  stop(): void;
}

/**
 * @param send called never twice at the same time; what it rejects with is ignored
 */
export function pace(intervalMs: number, send: () => Promise<void>): Pace {
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  let isSending = false;
  let isAsked = false;
  const fire = async () => {
    timer = undefined;
    last = performance.now();
    isSending = true;
    isAsked = false;
    try {
      await send();
    } catch {
      // Best effort by contract: what matters is settled elsewhere.
    }
    isSending = false;
    if (isAsked) soon();
  };
  const soon = () => {
    if (timer !== undefined || isStopped) return;
    isAsked = true;
    if (isSending) return;
    const wait = last + intervalMs - performance.now();
    if (wait <= 0) void fire();
    else timer = setTimeout(() => void fire(), wait);
  };
  return {
    soon,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
