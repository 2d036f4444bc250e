// @ts-check
import { picturesOf } from "./pictures.mjs";

/** @typedef {import("./state.mjs").Picture} Picture */

/**
 * Links to pictures expire, and reading the job again renews them. Each picture gets one such chance; without it, it stays as a
 * place that says so.
 *
 * @param {{
 *   store: ReturnType<typeof import("./store.mjs").createStore<import("./state.mjs").State>>,
 *   api: ReturnType<typeof import("./api.mjs").createApi>,
 * }} parts
 */
export function createRenewal({ store, api }) {
  /** @type {Set<string>} */
  const renewed = new Set();

  /** @param {Picture} picture */
  return async ({ jobId, prompt, model, finishedAt }) => {
    if (renewed.has(jobId)) return;
    renewed.add(jobId);
    const object = await api.job(jobId).catch(() => null);
    if (object?.result == null) return;
    const fresh = picturesOf(object.result, { jobId, prompt, model, finishedAt, images: object.images });
    /** @type {<J extends { id: string | null, pictures: readonly Picture[] | null }>(job: J) => J} */
    const renew = (job) => (job.id === jobId ? { ...job, pictures: fresh } : job);
    store.update((state) => ({
      ...state,
      jobs: state.jobs.map(renew),
      recent: { ...state.recent, jobs: state.recent.jobs.map(renew) },
    }));
  };
}
