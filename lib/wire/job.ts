import type { ErrorBody, JobRecord, JobStatus, Phase, Warning } from "../ports";
import type { ImagesResponse } from "./response";

export interface JobImageObject {
  /** Its place among those that were asked for, from 0. */
  readonly index: number;
  readonly content_type: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

/** A job as clients see it, on every route and in every event. Times are seconds since 1970; absent facts are `null`. */
export interface ImageJob {
  readonly id: string;
  readonly object: "image.job";
  readonly model: string;
  readonly status: JobStatus;
  /** Whole percent. */
  readonly progress: number;
  readonly phase: Phase | null;
  readonly step: number | null;
  readonly steps: number | null;
  readonly queue_position: number | null;
  /** While it waits for its turn: when that comes, as far as recent jobs tell. */
  readonly expected_start_at: number | null;
  readonly client_request_id: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly expires_at: number | null;
  readonly images: readonly JobImageObject[];
  readonly warnings: readonly Warning[];
  /** Only in GET of one completed job, else `null`. */
  readonly result: ImagesResponse | null;
  readonly error: ErrorBody | null;
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

/** The job object without its result. */
export function toImageJob(job: JobRecord): ImageJob & { readonly result: null } {
  return {
    id: job.id,
    object: "image.job",
    model: job.request.model,
    status: job.status,
    progress: job.progress,
    phase: job.phase ?? null,
    step: job.step ?? null,
    steps: job.steps ?? null,
    queue_position: job.queuePosition ?? null,
    expected_start_at: seconds(job.expectedStartAt),
    client_request_id: job.clientRequestId ?? null,
    created_at: Math.floor(job.createdAt / 1000),
    started_at: seconds(job.startedAt),
    completed_at: seconds(job.completedAt),
    expires_at: seconds(job.expiresAt),
    images: job.images.map(({ place, contentType, bytes, width, height }) => ({
      index: place,
      content_type: contentType,
      bytes,
      width,
      height,
    })),
    warnings: job.warnings,
    result: null,
    error:
      job.error === undefined
        ? null
        : { message: job.error.message, type: job.error.type, param: job.error.param, code: job.error.code },
  };
}
