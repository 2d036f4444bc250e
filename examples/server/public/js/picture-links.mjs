// @ts-check
import { ApiFailure } from "./api.mjs";
import { picturesOf } from "./pictures.mjs";

/** @typedef {import("./state.mjs").Picture} Picture */

/**
 * Links to pictures expire, and reading the job again renews them: once for each job, since what cannot be shown then is gone. A
 * server that is away is asked again when it is back.
 *
 * @param {{
 *   store: ReturnType<typeof import("./store.mjs").createStore<import("./state.mjs").State>>,
 *   api: ReturnType<typeof import("./api.mjs").createApi>,
 * }} parts
 */
export function createRenewal({ store, api }) {
  /** @type {Set<string>} */
  const asked = new Set();
  /** @type {Map<string, Picture>} */
  const postponed = new Map();

  /** @param {Picture} picture */
  const renew = async (picture) => {
    const { jobId, prompt, model, finishedAt } = picture;
    if (asked.has(jobId)) return;
    asked.add(jobId);
    try {
      const { result, images } = await api.job(jobId);
      if (result === null) return;
      const fresh = picturesOf(result, { jobId, prompt, model, finishedAt, images });
      /** @type {<J extends { id: string | null, pictures: readonly Picture[] | null }>(job: J) => J} */
      const withFresh = (job) => (job.id === jobId ? { ...job, pictures: fresh } : job);
      store.update((state) => ({
        ...state,
        jobs: state.jobs.map(withFresh),
        recent: { ...state.recent, jobs: state.recent.jobs.map(withFresh) },
      }));
    } catch (error) {
      const isPassing = error instanceof ApiFailure && (error.code === "network" || error.status === 503);
      if (!isPassing) return;
      asked.delete(jobId);
      postponed.set(jobId, picture);
    }
  };

  return {
    renew,
    /** The server is back. */
    renewPostponed() {
      const pictures = [...postponed.values()];
      postponed.clear();
      for (const picture of pictures) void renew(picture);
    },
  };
}
