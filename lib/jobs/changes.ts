import { isDeepStrictEqual } from "node:util";
import type { ImageRequest, JobChange, JobOutcome, JobRecord, NewJob } from "../ports";
import { frozenCopy } from "./frozen-copy";

/** The first record of a job, as it waits for its turn. */
export function created(job: NewJob, createdAt: number, queuePosition: number | undefined): JobRecord {
  const { request, ...rest } = job;
  return Object.freeze({
    ...frozenCopy(rest),
    request: frozenRequest(request),
    seq: 1,
    status: "queued",
    progress: 0,
    ...(queuePosition === undefined ? {} : { queuePosition }),
    createdAt,
    images: Object.freeze([]),
    refs: Object.freeze([]),
  } as const);
}

/** The record of a job whose runner begins. */
export function started(job: JobRecord, startedAt: number): JobRecord {
  const { queuePosition, ...rest } = job;
  return after(job, { ...rest, status: "in_progress", startedAt });
}

/** The record with another place in the queue; `undefined` when it is the same. */
export const moved = (job: JobRecord, queuePosition: number): JobRecord | undefined =>
  job.queuePosition === queuePosition ? undefined : after(job, { ...job, queuePosition });

/** The record with what a runner reports; `undefined` when nothing is new. */
export function updated(job: JobRecord, change: JobChange): JobRecord | undefined {
  const { queuePosition: told, ...reported } = frozenCopy(change);
  const { queuePosition: known, ...rest } = job;
  // While the job waits here, its place is the queue's to say; later it is a place at the upstream.
  const queuePosition = job.status === "queued" ? known : (told ?? known);
  const next: JobRecord = {
    ...rest,
    ...reported,
    ...(queuePosition === undefined || queuePosition === 0 ? {} : { queuePosition }),
    progress: Math.max(job.progress, Math.min(99, Math.floor(reported.progress ?? 0))),
  };
  return isDeepStrictEqual(next, job) ? undefined : after(job, next);
}

/** The last record of a job. */
export function settled(job: JobRecord, outcome: JobOutcome, completedAt: number, ttlMs: number): JobRecord {
  const { queuePosition, ...rest } = job;
  return after(job, {
    ...rest,
    ...frozenCopy(outcome),
    completedAt,
    expiresAt: completedAt + ttlMs,
    ...(outcome.status === "completed" ? { progress: 100 } : {}),
    ...(outcome.status === "cancelled" ? { images: Object.freeze([]) } : {}),
  });
}

/** The record after an event that changes nothing else. */
export const numbered = (job: JobRecord): JobRecord => after(job, job);

const after = (job: JobRecord, next: JobRecord): JobRecord => Object.freeze({ ...next, seq: job.seq + 1 });

/** A copy made through JSON has no null prototype, which `unknown` promises. */
const frozenRequest = ({ unknown, ...rest }: ImageRequest): ImageRequest =>
  Object.freeze({
    ...frozenCopy(rest),
    unknown: Object.freeze(Object.assign(Object.create(null), frozenCopy(unknown))),
  });
