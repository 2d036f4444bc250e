import { pace } from "../../internal/pace";
import type { JobChange, JobQueue, JobRecord, Phase, Preview, Progress } from "../../ports";
import type { PreviewFeed } from "./preview-feed";
import { type PreviewLimits, relayPreviews } from "./preview-relay";

export interface ProgressLimits extends PreviewLimits {
  readonly progressPerSecond: number;
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

/** Makes something of its own of the previews, beside those who watch them. */
export interface PreviewTaker {
  /** @param fraction of the picture's call, 0 … 1 */
  offer(place: number, fraction: number, preview: Preview): void;
}

/** What a report tells of the job. */
const TOLD = ["progress", "phase", "queuePosition", "step", "steps"] as const;

const PHASES: readonly Phase[] = ["queued", "loading", "sampling", "decoding", "saving"];

/**
 * Turns what the calls of one job report into the job's own progress: one rising percentage, at most so many events a
 * second, the latest always winning.
 */
export function trackProgress(
  job: JobRecord,
  queue: JobQueue,
  feed: PreviewFeed,
  limits: ProgressLimits,
  partials?: PreviewTaker,
): ProgressTracker {
  const fractions = new Map<number, number>();
  const previews = relayPreviews(job, queue, feed, limits);
  let known: JobChange = {};
  let change: JobChange | undefined;
  let isClosed = false;

  const updating = pace(1000 / limits.progressPerSecond, async () => {
    const next = change;
    change = undefined;
    if (next !== undefined) await queue.update(job.id, next);
  });

  return {
    report(call, progress) {
      if (isClosed || !PHASES.includes(progress.phase)) return;
      const fraction = finite(progress.fraction) ?? fractionOfSteps(progress);
      if (fraction !== undefined) {
        const reached = fractions.get(call.index) ?? 0;
        fractions.set(call.index, Math.max(reached, Math.min(1, fraction) * call.share));
      }
      const done = [...fractions.values()].reduce((sum, each) => sum + each, 0);
      const next: JobChange = {
        ...known,
        progress: Math.min(99, Math.floor(done * 100 + 1e-6)),
        phase: progress.phase,
        queuePosition: (progress.phase === "queued" && finite(progress.queuePosition)) || 0,
        ...stepsOf(progress),
      };
      // What repeats it, as a preview does, takes no turn.
      if (TOLD.some((name) => next[name] !== known[name])) {
        known = next;
        change = next;
        updating.soon();
      }

      const index = progress.preview?.index ?? progress.image ?? 0;
      // A wrong one would show the picture of one call in the place of another's.
      const isOurs = Number.isInteger(index) && index >= 0 && index < call.images;
      if (progress.preview === undefined || !isOurs) return;
      const place = call.firstImage + index;
      previews.offer(place, progress.preview);
      partials?.offer(place, (fractions.get(call.index) ?? 0) / call.share, progress.preview);
    },
    close() {
      isClosed = true;
      updating.stop();
      previews.close();
    },
  };
}

/** An upstream's numbers may be anything. */
const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;

const fractionOfSteps = ({ step, steps }: Progress): number | undefined =>
  finite(step) === undefined || !finite(steps) ? undefined : finite((step ?? 0) / (steps ?? 1));

function stepsOf({ step, steps }: Progress): Pick<JobChange, "step" | "steps"> {
  const total = finite(steps);
  const current = finite(step);
  if (current === undefined) return {};
  return total === undefined ? { step: current } : { step: Math.min(current, total), steps: total };
}
