// @ts-check

/**
 * @typedef {"connecting" | "online" | "waiting" | "offline" | "refused" | "expired"} ConnectionStatus
 * @typedef {{ status: ConnectionStatus, retryAt?: number, reason?: "shutdown" | "lost" | "flood", failure?: import("./api.mjs").ApiFailure }} Connection
 * @typedef {{ id: string, owned_by: string, alias_of?: string, ops?: readonly string[] }} Model
 *   `ops`: what it can do; servers that do not say so have only models that generate
 * @typedef {{
 *   id: string, jobId: string, index: number, src: string, contentType: string,
 *   width: number | null, height: number | null, prompt: string | null, model: string, finishedAt: number,
 * }} Picture
 *
 * @typedef {{
 *   key: string,
 *   connection: Connection,
 *   models: { status: "loading" | "ready" | "failed", list: readonly Model[], failure: import("./api.mjs").ApiFailure | null },
 *   jobs: readonly import("./job.mjs").Job[],
 *   recent: { status: "loading" | "ready" | "failed", jobs: readonly import("./recent.mjs").RecentJob[] },
 *   error: import("./api.mjs").ApiFailure | null,
 * }} State
 */

/**
 * @param {string} key
 * @returns {State}
 */
export const initialState = (key) => ({
  key,
  connection: { status: "connecting" },
  models: { status: "loading", list: [], failure: null },
  jobs: [],
  recent: { status: "loading", jobs: [] },
  error: null,
});

/**
 * What this key has started or heard of, newest first. Jobs of other keys keep running out of sight.
 *
 * @param {State} state
 */
export const jobsOfKey = ({ jobs, key }) => jobs.filter((job) => job.key === key);
