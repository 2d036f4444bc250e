import { isDeepStrictEqual } from "node:util";
import { defined } from "../internal/defined";
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
    images: NO_IMAGES,
    refs: Object.freeze([]),
  } as const);
}

/** The record of a job whose runner begins. */
export const started = (job: JobRecord, startedAt: number): JobRecord =>
  after(placeless(job), { status: "in_progress", startedAt });

/** The record with another place in the queue; `undefined` when it is the same. */
export const moved = (job: JobRecord, place: Place): JobRecord | undefined =>
  job.queuePosition === place.queuePosition ? undefined : after(placeless(job), place);

/** The record with what a runner reports; `undefined` when nothing is new. */
export function updated(job: JobRecord, change: JobChange): JobRecord | undefined {
  const { queuePosition: told, ...reported } = frozenCopy(change);
  // While the job waits here, its place is the queue's to say; later it is a place at the upstream.
  const queuePosition =
    (job.status === "queued" ? job.queuePosition : (told ?? job.queuePosition)) || undefined;
  const progress = Math.max(job.progress, Math.min(99, Math.floor(reported.progress ?? 0)));
  const next = defined(Object.assign(reported, { progress, queuePosition }));
  if (queuePosition === job.queuePosition && isTold(job, next)) return undefined;
  return after(queuePosition === undefined ? placeless(job) : job, next);
}

/** The last record of a job. */
export function settled(job: JobRecord, outcome: JobOutcome, completedAt: number, ttlMs: number): JobRecord {
  const end = frozenCopy(outcome);
  const isCompleted = end.status === "completed";
  return after(placeless(job), {
    ...end,
    completedAt,
    expiresAt: completedAt + ttlMs,
    progress: isCompleted ? 100 : job.progress,
    // Pictures of a job that has not succeeded are for nobody.
    images: isCompleted ? end.images : NO_IMAGES,
  });
}

/** The record after an event that changes nothing else. */
export const numbered = (job: JobRecord): JobRecord => after(job, {});

const NO_IMAGES: readonly never[] = Object.freeze([]);

/** Spreading what is frozen would take twice as long. */
const after = (job: JobRecord, change: Partial<JobRecord>): JobRecord =>
  Object.freeze(Object.assign(core(job), job, change, { seq: job.seq + 1 }));

/**
 * Members that every record has, by name: V8 makes a table of an object that gets its members by assignment alone once there are twenty, and tables
 * that are frozen are a kind each, so that every look at one of them would cost a hundred times as much.
 */
const core = (job: JobRecord) => ({
  id: job.id,
  owner: job.owner,
  limitKey: job.limitKey,
  requestId: job.requestId,
  request: job.request,
  responseFormat: job.responseFormat,
  provider: job.provider,
  plan: job.plan,
  seq: job.seq,
  status: job.status,
  progress: job.progress,
  createdAt: job.createdAt,
  images: job.images,
  warnings: job.warnings,
  refs: job.refs,
});

/** Most jobs need not wait, and taking members out of a record takes ten times as long as making another one. */
function placeless(job: JobRecord): JobRecord {
  if (job.queuePosition === undefined && job.expectedStartAt === undefined) return job;
  const { queuePosition: _place, expectedStartAt: _start, ...others } = job;
  return others;
}

function isTold(job: JobRecord, change: Partial<JobRecord>): boolean {
  for (const name of Object.keys(change)) {
    const [told, known]: unknown[] = [Reflect.get(change, name), Reflect.get(job, name)];
    if (told !== known && !isDeepStrictEqual(told, known)) return false;
  }
  return true;
}

/** A copy made through JSON has no null prototype, which `unknown` promises. */
const frozenRequest = ({ unknown, ...rest }: ImageRequest): ImageRequest =>
  Object.freeze({
    ...frozenCopy(rest),
    unknown:
      Object.keys(unknown).length === 0
        ? NO_FIELDS
        : Object.freeze(Object.assign(Object.create(null), frozenCopy(unknown))),
  });

const NO_FIELDS: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null));
