import { withDeadline } from "../../internal/deadline";

/** Work that outlives the call that began it, by little. */
export interface Background {
  /** Waits `waitMs` for `work`, which may go on until `limitMs`. Never rejects. */
  atMost(waitMs: number, limitMs: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export function createBackground(): Background {
  const controller = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  return {
    async atMost(waitMs, limitMs, work) {
      const task = withDeadline(limitMs, controller.signal, work)
        .catch(() => {
          // Best effort: the call has failed already, and says so.
        })
        .finally(() => underWay.delete(task));
      underWay.add(task);
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, waitMs);
      });
      await Promise.race([task, patience]);
      clearTimeout(timer);
    },
    async close() {
      controller.abort(new Error("closed"));
      await Promise.all(underWay);
    },
  };
}
