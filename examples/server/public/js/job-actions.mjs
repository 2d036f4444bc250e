// @ts-check
import { ApiFailure } from "./api.mjs";
import {
  heardJob,
  isLive,
  isSameJob,
  newJob,
  withFailure,
  withHeard,
  withJobObject,
  withoutTrace,
  withPictures,
  withPreview,
} from "./job.mjs";
import { picturesOf } from "./pictures.mjs";
import { isSentAfter, rememberedRequest, rememberRequest } from "./session-memory.mjs";
import { jobsOfKey } from "./state.mjs";

/** @typedef {import("./job.mjs").Job} Job */

/** A browser opens six connections to one server; beyond this many waiting requests, further ones ask for 202 instead. */
const MOST_WAITING = 4;
const NEWEST = 100;
/** Cards of ended jobs that stay when a new one comes; the pictures of the others are in the gallery. */
const MOST_ENDED_CARDS = 11;
const TRIES = 10;
const AGAIN_MS = 3_000;

/**
 * Everything that can be done with jobs: the only place that changes them.
 *
 * @param {{
 *   store: ReturnType<typeof import("./store.mjs").createStore<import("./state.mjs").State>>,
 *   api: ReturnType<typeof import("./api.mjs").createApi>,
 *   progress: () => ReturnType<typeof import("./progress.mjs").createProgress>,
 * }} parts
 */
export function createJobActions({ store, api, progress }) {
  const find = (/** @type {(job: Job) => boolean} */ matches) => store.get().jobs.find(matches);
  const byLocalId = (/** @type {string} */ localId) => find((job) => job.localId === localId);

  /**
   * @param {string} localId
   * @param {(job: Job) => Job} to
   */
  const change = (localId, to) =>
    store.update((state) => ({
      ...state,
      jobs: state.jobs.map((job) => (job.localId === localId ? to(job) : job)),
    }));
  const drop = (/** @type {(job: Job) => boolean} */ matches) =>
    store.update((state) => ({ ...state, jobs: state.jobs.filter((job) => !matches(job)) }));
  const showError = (/** @type {ApiFailure | null} */ error) =>
    store.update((state) => ({ ...state, error }));

  const endedCards = () => jobsOfKey(store.get()).filter((job) => !isLive(job) && !job.isDismissed);
  const dismiss = (/** @type {string} */ localId) =>
    change(localId, (job) => (isLive(job) ? job : { ...job, previews: {}, isDismissed: true }));

  /** A job object from wherever it comes. */
  const hear = (/** @type {any} */ object) => {
    const { key } = store.get();
    const known = find((job) => job.key === key && isSameJob(job, object));
    if (known === undefined) {
      const fresh = heardJob(key, object, rememberedRequest(object.client_request_id));
      store.update((state) => ({ ...state, jobs: withHeard(state.jobs, fresh, isSentAfter) }));
    }
    const localId = known?.localId ?? object.id;
    change(localId, (job) => withJobObject(job, object, Date.now()));
    if (object.status === "completed") void fetchPictures(localId);
  };

  /** Asks for the answer of a completed job that no POST is going to bring; a server that is away for a moment is asked again. */
  async function fetchPictures(/** @type {string} */ localId, triesLeft = TRIES) {
    const job = byLocalId(localId);
    if (job?.id == null || job.isAwaited || job.pictures !== null || job.failure !== null) return;
    try {
      const object = await api.job(job.id, job.key);
      if (object.result === null) throw new ApiFailure({ status: 0, ...object.error });
      finish(localId, object.result, object.images);
    } catch (error) {
      const failure = toFailure(error);
      const isPassing = failure.code === "network" || failure.status === 503;
      if (isPassing && triesLeft > 0) setTimeout(fetchPictures, AGAIN_MS, localId, triesLeft - 1);
      else change(localId, (each) => withFailure(each, failure, Date.now()));
    }
  }

  function finish(
    /** @type {string} */ localId,
    /** @type {any} */ response,
    /** @type {readonly any[]} */ images,
  ) {
    const job = byLocalId(localId);
    if (job === undefined || job.pictures !== null) return;
    const pictures = picturesOf(response, {
      jobId: job.id ?? localId,
      prompt: job.request?.["prompt"] ?? null,
      model: job.model,
      images,
      finishedAt: job.endedAt ?? Date.now(),
    });
    change(localId, (each) => withPictures(each, pictures, response.warnings ?? [], Date.now()));
  }

  /** What became of the jobs whose POST will not tell: asks once for all of them. */
  async function recover() {
    const { key } = store.get();
    const isOpen = (/** @type {Job} */ job) =>
      job.key === key &&
      !job.isAwaited &&
      (isLive(job) || (job.status === "completed" && job.pictures === null));
    const open = store.get().jobs.filter(isOpen);
    if (open.length === 0) return;
    const objects = await api.jobs(NEWEST).catch(() => undefined);
    if (objects === undefined || store.get().key !== key) return;
    for (const { localId } of open) {
      const job = byLocalId(localId);
      if (job === undefined || !isOpen(job)) continue;
      const object = objects.find((/** @type {any} */ each) => isSameJob(job, each));
      if (object !== undefined) hear(object);
      else change(localId, (each) => withoutTrace(each, Date.now()));
    }
  }

  /** Where jobs stand, for as long as no socket says so. */
  async function refresh() {
    const { key } = store.get();
    const objects = await api.jobs(NEWEST);
    for (const { localId } of jobsOfKey(store.get()).filter(isLive)) {
      const job = byLocalId(localId);
      const object = job && objects.find((/** @type {any} */ each) => isSameJob(job, each));
      if (object !== undefined && store.get().key === key) hear(object);
    }
  }

  /** @param {Record<string, any>} request */
  async function submit(request) {
    const clientRequestId = crypto.randomUUID();
    const { key, jobs } = store.get();
    const waiting = jobs.filter((job) => job.isAwaited).length;
    const job = newJob({ key, clientRequestId, request, now: Date.now() });
    store.update((state) => ({ ...state, error: null, jobs: [job, ...state.jobs] }));
    rememberRequest(clientRequestId, request);
    for (const { localId } of endedCards().slice(MOST_ENDED_CARDS)) dismiss(localId);
    try {
      const background = waiting >= MOST_WAITING && progress().isOnline();
      const { json, status, jobId } = await api.generate(request, { clientRequestId, background });
      change(job.localId, (each) => ({ ...each, id: jobId ?? each.id, isAwaited: status !== 202 }));
      if (status === 202) hear(json);
      else finish(job.localId, json, byLocalId(job.localId)?.images ?? []);
    } catch (error) {
      notAnswered(job.localId, toFailure(error));
    }
  }

  /** Refused before there was a job: the form says why. Afterwards: the card does. */
  function notAnswered(/** @type {string} */ localId, /** @type {ApiFailure} */ failure) {
    const job = byLocalId(localId);
    if (job === undefined) return;
    const isBroken = failure.code === "network";
    if (isBroken && (job.id !== null || progress().isOnline())) {
      change(localId, (each) => ({ ...each, isAwaited: false }));
      if (progress().isOnline()) void recover();
      return;
    }
    if (job.id === null && failure.jobId === null) {
      drop((each) => each.localId === localId);
      showError(failure);
      return;
    }
    change(localId, (each) => withFailure(each, failure, Date.now()));
  }

  /** @param {string} localId */
  async function cancel(localId) {
    const job = byLocalId(localId);
    if (job === undefined || !isLive(job)) return;
    change(localId, (each) => ({ ...each, isCancelling: true }));
    try {
      // Without the socket the id is not known before the answer; the list tells it.
      if (job.id === null) await refresh();
      const id = byLocalId(localId)?.id;
      if (id == null) return;
      const object = await askToCancel(id);
      if (object === null) change(localId, (each) => withoutTrace(each, Date.now()));
      else hear(object);
    } catch (error) {
      showError(toFailure(error));
    } finally {
      change(localId, (each) => (isLive(each) ? { ...each, isCancelling: false } : each));
    }
  }

  /** Over the socket when it is there, else, or when it does not answer, over HTTP. */
  async function askToCancel(/** @type {string} */ id) {
    if (!progress().isOnline()) return api.cancel(id);
    return progress()
      .cancel(id)
      .catch((error) => {
        if (toFailure(error).code !== "network") throw error;
        return api.cancel(id);
      });
  }

  return {
    submit,
    cancel,
    recover,
    /** While requests wait but the socket is away: the server is there, so their progress can be asked for. */
    async keepUp() {
      if (progress().isOnline() || !jobsOfKey(store.get()).some((job) => job.isAwaited)) return;
      // Asked again soon anyway.
      await refresh().catch(() => {});
    },
    hear,
    showError,
    /**
     * @param {any} meta
     * @param {ArrayBuffer} bytes
     */
    preview(meta, bytes) {
      const job = find((each) => each.id === meta.id);
      if (job === undefined) return;
      const blob = new Blob([bytes], { type: meta.content_type });
      change(job.localId, (each) => withPreview(each, meta, blob));
    },
    dismiss,
    clearFinished() {
      for (const { localId } of endedCards()) dismiss(localId);
    },
  };
}

const toFailure = (/** @type {unknown} */ error) =>
  error instanceof ApiFailure
    ? error
    : new ApiFailure({ status: 0, message: "The page could not read the answer.", code: "page_error" });
