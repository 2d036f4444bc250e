import { readImageHead } from "../internal/image-head";
import type { JobChange, JobQueue, JobRecord, Phase, Preview, Progress } from "../ports";
import type { PreviewFeed } from "./preview-feed";

export interface ProgressLimits {
  readonly progressPerSecond: number;
  readonly previewsPerSecond: number;
  /** Larger previews are dropped. */
  readonly previewBytes: number;
}

export interface ProgressTracker {
  /** Synchronous and cheap; what comes after `close` is dropped. */
  report(call: TrackedCall, progress: Progress): void;
  close(): void;
}

/** Which part of the job a report is about. */
export interface TrackedCall {
  readonly index: number;
  readonly firstImage: number;
  /** How many it makes. */
  readonly images: number;
  /** Its share of the job, 0 … 1. */
  readonly share: number;
}

interface PendingPreview extends Preview {
  readonly imageIndex: number;
}

const PHASES: readonly Phase[] = ["queued", "loading", "sampling", "decoding", "saving"];

/**
 * Turns what the calls of one job report into the job's own progress: one rising percentage, at most so many events a
 * second, the latest always winning.
 */
export function trackProgress(
  job: JobRecord,
  queue: JobQueue,
  previews: PreviewFeed,
  limits: ProgressLimits,
): ProgressTracker {
  const fractions = new Map<number, number>();
  let change: JobChange | undefined;
  let preview: PendingPreview | undefined;
  let isClosed = false;

  const progressPace = pace(1000 / limits.progressPerSecond, async () => {
    const next = change;
    change = undefined;
    if (next !== undefined) await queue.update(job.id, next);
  });

  const previewPace = pace(1000 / limits.previewsPerSecond, async () => {
    const next = preview;
    preview = undefined;
    if (next === undefined) return;
    const seq = await queue.nextSeq(job.id);
    if (seq === undefined || isClosed) return;
    previews.publish({ job, seq, imageIndex: next.imageIndex, contentType: next.type, bytes: next.bytes });
  });

  return {
    report(call, progress) {
      if (isClosed || !PHASES.includes(progress.phase)) return;
      const fraction = finite(progress.fraction);
      if (fraction !== undefined) {
        const known = fractions.get(call.index) ?? 0;
        fractions.set(call.index, Math.max(known, Math.min(1, fraction) * call.share));
      }
      const done = [...fractions.values()].reduce((sum, each) => sum + each, 0);
      change = {
        ...change,
        progress: Math.min(99, Math.floor(done * 100 + 1e-6)),
        phase: progress.phase,
        ...stepsOf(progress),
      };
      progressPace.soon();

      const picture = progress.preview;
      if (picture === undefined || picture.bytes.length > limits.previewBytes) return;
      const head = readImageHead(picture.bytes);
      if (head === undefined) return;
      const index = picture.index ?? progress.image ?? 0;
      // A wrong one would show the picture of one call in the place of another's.
      if (!Number.isInteger(index) || index < 0 || index >= call.images) return;
      preview = { type: head.contentType, bytes: picture.bytes, imageIndex: call.firstImage + index };
      previewPace.soon();
    },
    close() {
      isClosed = true;
      progressPace.stop();
      previewPace.stop();
    },
  };
}

/** An upstream's numbers may be anything. */
const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;

function stepsOf({ step, steps }: Progress): Pick<JobChange, "step" | "steps"> {
  const total = finite(steps);
  const current = finite(step);
  if (current === undefined) return {};
  return total === undefined ? { step: current } : { step: Math.min(current, total), steps: total };
}

/** Runs `send` at once when it has been quiet, else when the interval is over; never twice at the same time. */
function pace(intervalMs: number, send: () => Promise<void>): { soon(): void; stop(): void } {
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
      // The record of progress is best effort: a queue that fails shows it where the job is settled.
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
