import type { JobRecord } from "../ports";

/** Ended with what a repeat of the request may find otherwise: nothing was begun, or it was stopped. */
const isWorthNothing = ({ status, error }: JobRecord): boolean =>
  status === "cancelled" || (status === "failed" && error?.retry === true);

/** Does the job, as it stands, still answer for its idempotency key? */
export const holdsKey = (job: JobRecord): boolean => !isWorthNothing(job);

/** Could the answer of this orphan be given to another caller? */
export const isAdoptable = (job: JobRecord): boolean =>
  job.abandonedAt !== undefined &&
  !isWorthNothing(job) &&
  // One that is not kept went to the caller who left.
  job.images.every(({ kept }) => kept !== undefined);

/** The record of a job whose caller has left; no change that is numbered. */
export const orphaned = (job: JobRecord, abandonedAt: number, fingerprint: string): JobRecord =>
  Object.freeze({ ...job, abandonedAt, fingerprint });

/** The record of an orphan that somebody waits for again; no change that is numbered. */
export function adopted({ abandonedAt: _none, ...job }: JobRecord): JobRecord {
  return Object.freeze(job);
}
