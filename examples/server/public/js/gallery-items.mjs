// @ts-check
import { jobsOfKey } from "./state.mjs";

/**
 * @typedef {{
 *   id: string, jobId: string, picture: import("./state.mjs").Picture | null, prompt: string | null, model: string,
 *   finishedAt: number,
 * }} GalleryItem
 *   `picture` null: not asked for yet
 */

/**
 * All finished pictures of this key, newest first, each once.
 *
 * @param {import("./state.mjs").State} state
 * @returns {GalleryItem[]}
 */
export function galleryItems(state) {
  const session = jobsOfKey(state).filter(({ pictures }) => pictures !== null);
  const known = new Set(jobsOfKey(state).map(({ id }) => id));
  const before = state.recent.jobs.filter(({ id }) => !known.has(id));
  const items = [
    ...session.flatMap(({ pictures }) => (pictures ?? []).map(loaded)),
    ...before.flatMap((job) => job.pictures?.map(loaded) ?? job.images.map((image) => promised(job, image))),
  ];
  return items.sort((one, other) => other.finishedAt - one.finishedAt);
}

/**
 * @param {import("./state.mjs").Picture} picture
 * @returns {GalleryItem}
 */
const loaded = (picture) => ({
  id: picture.id,
  jobId: picture.jobId,
  picture,
  prompt: picture.prompt,
  model: picture.model,
  finishedAt: picture.finishedAt,
});

/**
 * @param {import("./recent.mjs").RecentJob} job
 * @param {import("./recent.mjs").RecentJob["images"][number]} image
 * @returns {GalleryItem}
 */
const promised = ({ id, request, model, finishedAt }, image) => ({
  id: `${id}:${image.index}`,
  jobId: id,
  picture: null,
  prompt: request?.["prompt"] ?? null,
  model,
  finishedAt,
});
