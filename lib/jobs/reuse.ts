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
  (job.status !== "completed" || job.images.every(({ kept }) => kept !== undefined));

/** The record of a job whose caller has left, or come back; no change that is numbered. */
export function orphaned(job: JobRecord, abandonedAt: number | undefined): JobRecord {
  const { abandonedAt: _before, ...rest } = job;
  return Object.freeze(abandonedAt === undefined ? rest : { ...rest, abandonedAt });
}
