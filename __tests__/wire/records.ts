import type { JobImage, JobRecord } from "../../lib/ports";
import { jobPlan } from "../support/jobs";

export const storedImage = (more: Partial<JobImage> = {}): JobImage => ({
  place: 0,
  contentType: "image/webp",
  bytes: 1234,
  width: 640,
  height: 480,
  kept: { key: "k".repeat(22), expiresAt: 1 },
  ...more,
});

export const jobRecord = (more: Partial<JobRecord> = {}): JobRecord => ({
  id: `imgjob_${"0".repeat(32)}`,
  owner: "owner-digest",
  limitKey: "limit-digest",
  requestId: "req_1",
  request: { op: "generate", model: "m", prompt: "a secret prompt", n: 1, unknown: {} },
  responseFormat: "url",
  provider: "p",
  plan: jobPlan(),
  seq: 1,
  status: "queued",
  progress: 0,
  createdAt: 1_700_000_000_999,
  images: [],
  warnings: [],
  refs: [],
  ...more,
});
