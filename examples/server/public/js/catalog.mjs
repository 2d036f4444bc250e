// @ts-check

import { picturesOf } from "./pictures.mjs";
import { recentJob } from "./recent.mjs";
import { rememberedRequest } from "./session-memory.mjs";

const RECENT = 24;

/** A model that only edits wants a picture, which the form does not send. */
const canGenerate = (/** @type {import("./state.mjs").Model} */ { ops }) => ops?.includes("generate") ?? true;

/**
 * What is asked of the server besides jobs under way: the models of this key, and what it has made before.
 *
 * @param {{
 *   store: ReturnType<typeof import("./store.mjs").createStore<import("./state.mjs").State>>,
 *   api: ReturnType<typeof import("./api.mjs").createApi>,
 * }} parts
 */
export function createCatalog({ store, api }) {
  const isStale = (/** @type {string} */ key) => store.get().key !== key;

  const changeRecent = (
    /** @type {string} */ id,
    /** @type {(job: import("./recent.mjs").RecentJob) => import("./recent.mjs").RecentJob | undefined} */ to,
  ) =>
    store.update((state) => ({
      ...state,
      recent: {
        ...state.recent,
        jobs: state.recent.jobs.flatMap((job) => (job.id === id ? (to(job) ?? []) : job)),
      },
    }));

  return {
    async loadModels() {
      const { key } = store.get();
      store.update((state) => ({ ...state, models: { ...state.models, status: "loading" } }));
      try {
        const list = (await api.models()).filter(canGenerate);
        if (isStale(key)) return;
        store.update((state) => ({ ...state, models: { status: "ready", list, failure: null } }));
      } catch (failure) {
        if (isStale(key)) return;
        // The list of another key is better than none: it is the server that decides.
        store.update((state) => ({
          ...state,
          models: { ...state.models, status: "failed", failure: /** @type {any} */ (failure) },
        }));
      }
    },

    async loadRecent() {
      const { key } = store.get();
      store.update((state) => ({ ...state, recent: { ...state.recent, status: "loading" } }));
      try {
        const objects = await api.jobs(RECENT);
        if (isStale(key)) return;
        const known = new Map(store.get().recent.jobs.map((job) => [job.id, job]));
        const jobs = objects
          .filter((/** @type {any} */ { status, images }) => status === "completed" && images.length > 0)
          .map(
            (/** @type {any} */ object) =>
              known.get(object.id) ?? recentJob(object, key, rememberedRequest(object.client_request_id)),
          );
        store.update((state) => ({ ...state, recent: { status: "ready", jobs } }));
      } catch {
        if (isStale(key)) return;
        store.update((state) => ({ ...state, recent: { ...state.recent, status: "failed" } }));
      }
    },

    /** Asks for the pictures of a job from before; those no longer kept leave the gallery. */
    async askPictures(/** @type {string} */ id) {
      const job = store.get().recent.jobs.find((each) => each.id === id);
      if (job === undefined || job.isAsked) return;
      changeRecent(id, (each) => ({ ...each, isAsked: true }));
      try {
        const { result, images } = await api.job(id, job.key);
        if (result === null) return changeRecent(id, () => undefined);
        const prompt = job.request?.["prompt"] ?? null;
        const { model, finishedAt } = job;
        const pictures = picturesOf(result, { jobId: id, prompt, model, images, finishedAt });
        changeRecent(id, (each) => ({ ...each, pictures }));
      } catch {
        changeRecent(id, () => undefined);
      }
    },
  };
}
