// @ts-check
import { ApiFailure } from "./api.mjs";

/**
 * A job as this page knows it, and every way it can change: pure functions from job to job. What the server says comes as its job
 * object, alike from events, lists and answers.
 *
 * @typedef {"sending" | "queued" | "in_progress" | "completed" | "failed" | "cancelled" | "lost"} Status
 * @typedef {{
 *   localId: string,
 *   key: string,
 *   clientRequestId: string | null,
 *   id: string | null,
 *   isOurs: boolean,
 *   request: Record<string, any> | null,
 *   model: string,
 *   count: number,
 *   status: Status,
 *   seq: number,
 *   progress: number,
 *   phase: string | null,
 *   step: number | null,
 *   steps: number | null,
 *   queuePosition: number | null,
 *   createdAt: number | null,
 *   startedAt: number,
 *   endedAt: number | null,
 *   previews: Readonly<Record<number, { seq: number, blob: Blob }>>,
 *   images: readonly { index: number, content_type: string, width: number, height: number }[],
 *   pictures: readonly import("./state.mjs").Picture[] | null,
 *   warnings: readonly { param?: string, message: string }[],
 *   failure: ApiFailure | null,
 *   isAwaited: boolean,
 *   isCancelling: boolean,
 *   isDismissed: boolean,
 * }} Job
 *   `createdAt`: by the clock of the server, in whole seconds. `isOurs`: started by this page. `isAwaited`: its POST is still to be answered. `isDismissed`: its card is put away, its
 *   pictures stay in the gallery.
 */

/** @type {Omit<Job, "localId" | "key" | "model" | "startedAt">} */
const BLANK = {
  clientRequestId: null,
  id: null,
  createdAt: null,
  isOurs: false,
  request: null,
  count: 1,
  status: "sending",
  seq: -1,
  progress: 0,
  phase: null,
  step: null,
  steps: null,
  queuePosition: null,
  endedAt: null,
  previews: {},
  images: [],
  pictures: null,
  warnings: [],
  failure: null,
  isAwaited: false,
  isCancelling: false,
  isDismissed: false,
};

/** @param {{ key: string, clientRequestId: string, request: Record<string, any>, now: number }} facts */
export const newJob = ({ key, clientRequestId, request, now }) => ({
  ...BLANK,
  localId: clientRequestId,
  key,
  clientRequestId,
  isOurs: true,
  request,
  model: request["model"],
  count: request["n"] ?? 1,
  startedAt: now,
  isAwaited: true,
});

/**
 * A job that was heard of before it was known: another client of the same key, or this page before a reload.
 *
 * @param {string} key
 * @param {any} object
 * @param {Record<string, any> | null} request
 * @returns {Job}
 */
export const heardJob = (key, object, request) => ({
  ...BLANK,
  localId: object.id,
  key,
  clientRequestId: object.client_request_id,
  request,
  model: object.model,
  createdAt: object.created_at,
  count: request?.["n"] ?? Math.max(1, object.images.length),
  startedAt: object.created_at * 1000,
});

/**
 * A job that was heard of takes its place in a list that is newest first: after a reload jobs are heard of in any order.
 *
 * @param {readonly Job[]} jobs
 * @param {Job} fresh
 * @param {(one: string | null, other: string | null) => boolean} isSentAfter tells requests of the same second apart
 */
export function withHeard(jobs, fresh, isSentAfter) {
  const created = fresh.createdAt ?? Number.POSITIVE_INFINITY;
  const place = jobs.findIndex(
    ({ createdAt, clientRequestId }) =>
      createdAt !== null &&
      (createdAt < created || (createdAt === created && isSentAfter(fresh.clientRequestId, clientRequestId))),
  );
  return place === -1 ? [...jobs, fresh] : jobs.toSpliced(place, 0, fresh);
}

/** @param {Job} job */
export const hasEnded = ({ status }) =>
  status === "completed" || status === "failed" || status === "cancelled" || status === "lost";

/** @param {Job} job */
export const isLive = (job) => !hasEnded(job);

/**
 * @param {Job} job
 * @param {any} object
 */
export const isSameJob = (job, object) =>
  job.id === object.id || (job.id === null && job.clientRequestId === object.client_request_id);

/**
 * What the server says of the job. Late and repeated events change nothing; a job given up as lost may come back.
 *
 * @param {Job} job
 * @param {any} object
 * @param {number} now
 * @returns {Job}
 */
export function withJobObject(job, object, now) {
  if (hasEnded(job) && job.status !== "lost") return { ...job, id: object.id };
  if (object.seq !== undefined && object.seq <= job.seq) return job;
  const status = object.status;
  const isOver = status !== "queued" && status !== "in_progress";
  return {
    ...job,
    id: object.id,
    createdAt: object.created_at,
    status,
    seq: object.seq ?? job.seq,
    progress: Math.max(job.progress, object.progress),
    phase: object.phase,
    step: object.step,
    steps: object.steps,
    queuePosition: object.queue_position,
    images: object.images,
    count: Math.max(job.count, object.images.length),
    warnings: object.warnings,
    endedAt: isOver ? (job.isOurs ? now : (object.completed_at ?? now / 1000) * 1000) : null,
    failure: status === "failed" && object.error ? new ApiFailure({ status: 0, ...object.error }) : null,
    isCancelling: job.isCancelling && !isOver,
  };
}

/**
 * @param {Job} job
 * @param {{ seq: number, image_index: number }} meta
 * @param {Blob} blob
 * @returns {Job}
 */
export function withPreview(job, { seq, image_index: index }, blob) {
  if (hasEnded(job) || seq <= (job.previews[index]?.seq ?? -1)) return job;
  return {
    ...job,
    count: Math.max(job.count, index + 1),
    previews: { ...job.previews, [index]: { seq, blob } },
  };
}

/**
 * The finished pictures have come.
 *
 * @param {Job} job
 * @param {readonly import("./state.mjs").Picture[]} pictures
 * @param {Job["warnings"]} warnings
 * @param {number} now
 * @returns {Job}
 */
export const withPictures = (job, pictures, warnings, now) => ({
  ...job,
  status: "completed",
  progress: 100,
  pictures,
  previews: {},
  count: pictures.length,
  warnings,
  endedAt: job.endedAt ?? now,
  isAwaited: false,
  isCancelling: false,
});

/**
 * The job has failed, or was cancelled.
 *
 * @param {Job} job
 * @param {ApiFailure} failure
 * @param {number} now
 * @returns {Job}
 */
export const withFailure = (job, failure, now) => ({
  ...job,
  status: failure.code === "job_cancelled" ? "cancelled" : "failed",
  failure: failure.code === "job_cancelled" ? null : failure,
  id: job.id ?? failure.jobId,
  endedAt: job.endedAt ?? now,
  isAwaited: false,
  isCancelling: false,
});

/**
 * The server no longer knows of it: it was restarted, and kept its jobs in memory.
 *
 * @param {Job} job
 * @param {number} now
 * @returns {Job}
 */
export const withoutTrace = (job, now) => ({
  ...job,
  status: "lost",
  endedAt: now,
  isAwaited: false,
  isCancelling: false,
});
