import type { JobPlan } from "../../lib/ports";

/** The plan of a job of one picture. */
export const jobPlan = (more: Partial<JobPlan> = {}): JobPlan => ({
  card: { id: "test-model" },
  fields: { model: "test-model", deliver: "any", extra: {} },
  calls: [{ n: 1 }],
  concurrency: 1,
  keeps: true,
  limitMs: 600_000,
  ...more,
});
