import { isDeepStrictEqual } from "node:util";
import type { ImageRequest, JobChange, JobOutcome, JobRecord, NewJob } from "../ports";
import { frozenCopy } from "./frozen-copy";

/** Where a job stands in the queue. */
export interface Place {
  /** 1 = next. */
  readonly queuePosition: number;
  /** Epoch milliseconds; absent while nothing is known of how fast jobs go. */
  readonly expectedStartAt?: number;
}

/** The first record of a job, as it waits for its turn. @param place absent: its turn has come */
export function created(job: NewJob, createdAt: number, place?: Place): JobRecord {
  const { request, ...rest } = job;
  return Object.freeze({
    ...frozenCopy(rest),
    request: frozenRequest(request),
    seq: 1,
    status: "queued",
    progress: 0,
    ...place,
    createdAt,
    images: Object.freeze([]),
    refs: Object.freeze([]),
  } as const);
}

/** The record of a job whose runner begins. */
export function started(job: JobRecord, startedAt: number): JobRecord {
  return after(job, { ...placeless(job), status: "in_progress", startedAt });
}

/** The record with another place in the queue; `undefined` when it is the same. */
export const moved = (job: JobRecord, place: Place): JobRecord | undefined =>
  job.queuePosition === place.queuePosition ? undefined : after(job, { ...placeless(job), ...place });

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
  return after(job, {
    ...placeless(job),
    ...frozenCopy(outcome),
    completedAt,
    expiresAt: completedAt + ttlMs,
    // Pictures of a job that has not succeeded are for nobody.
    ...(outcome.status === "completed" ? { progress: 100 } : { images: Object.freeze([]) }),
  });
}

function placeless({ queuePosition: _place, expectedStartAt: _start, ...job }: JobRecord): JobRecord {
  return job;
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
