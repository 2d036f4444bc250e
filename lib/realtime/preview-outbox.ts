import type { JobPreview } from "../ports";

/** Holds previews back for a moment. */
export interface PreviewOutbox {
  add(preview: JobPreview): void;
  /** Sends what waits of one job now, so that its next event stays behind. */
  flush(jobId: string): void;
  discard(): void;
}

/**
 * Volatile events are lost while a connection is writing, be it for a microsecond, and a preview mostly follows a `progress` or
 * another preview of the same tick. So each waits for a turn of the event loop of its own, when healthy connections have
 * written what they had; one who reads slowly still misses it.
 */
export function createPreviewOutbox(send: (preview: JobPreview) => void): PreviewOutbox {
  let waiting: JobPreview[] = [];
  let turn: NodeJS.Immediate | undefined;

  const sendNext = () => {
    const preview = waiting.shift();
    turn = waiting.length > 0 ? setImmediate(sendNext) : undefined;
    if (preview !== undefined) send(preview);
  };
  return {
    add(preview) {
      waiting.push(preview);
      turn ??= setImmediate(sendNext);
    },
    flush(jobId) {
      const due = waiting.filter(({ job }) => job.id === jobId);
      if (due.length === 0) return;
      waiting = waiting.filter(({ job }) => job.id !== jobId);
      for (const preview of due) send(preview);
    },
    discard() {
      clearImmediate(turn);
      waiting = [];
    },
  };
}
