import type { JobError, JobImage, JobOutcome, JobPlan, Warning } from "../../ports";

export const plan: JobPlan = {
  card: { id: "model" },
  fields: { model: "model", deliver: "any", extra: { steps: 4 } },
  calls: [{ n: 1, seed: 7 }],
  concurrency: 2,
  keeps: true,
  limitMs: 600_000,
};

export const image: JobImage = {
  place: 0,
  contentType: "image/png",
  bytes: 68,
  width: 1,
  height: 1,
  kept: { key: "k".repeat(22), expiresAt: 1 },
};

export const warning: Warning = { param: "style", message: "was ignored" };

const failure: JobError = {
  code: "upstream_error",
  message: "The provider failed.",
  type: "server_error",
  param: null,
  retry: false,
};

const cancellation: JobError = {
  code: "job_cancelled",
  message: "The job was cancelled.",
  type: "invalid_request_error",
  param: null,
  retry: false,
};

export const completed = (): JobOutcome => ({ status: "completed", images: [image], warnings: [] });
const { kept: _none, ...gone } = image;
/** The picture went to its caller and was not kept. */
export const handedOverImage: JobImage = gone;
export const handedOver = (): JobOutcome => ({
  status: "completed",
  images: [handedOverImage],
  warnings: [],
});
export const failed = (): JobOutcome => ({ status: "failed", error: failure });
export const failedForNow = (): JobOutcome => ({ status: "failed", error: { ...failure, retry: true } });
export const cancelled = (): JobOutcome => ({ status: "cancelled", error: cancellation });
