import type { Response } from "express";
import { isTerminal, type JobRecord } from "../ports";

const SOONEST_MS = 1_000;
const LATEST_MS = 60_000;
const UNKNOWN_MS = 2_000;

/** Tells the caller when to ask again for a job that has not ended. */
export function setPollHints(res: Response, job: JobRecord): void {
  if (isTerminal(job)) return;
  const ms = Math.min(LATEST_MS, Math.max(SOONEST_MS, waitMs(job)));
  res.set({ "retry-after": String(Math.ceil(ms / 1000)), "openai-poll-after-ms": String(Math.round(ms)) });
}

function waitMs({ status, expectedStartAt }: JobRecord): number {
  if (status === "in_progress") return SOONEST_MS;
  return expectedStartAt === undefined ? UNKNOWN_MS : expectedStartAt - Date.now();
}
